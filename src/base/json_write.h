// JSON text, written straight into a string. No document model.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bezalel {

// Appends `text` as a JSON string with its quotes. Bytes that are not valid
// UTF-8 become U+FFFD, so that the result is always valid JSON.
void append_json_string(std::string& out, std::string_view text);

// Use: JsonWriter w(out); w.begin_object(); w.key("v").value(1); ...
// Commas are put by the writer. The caller balances begin and end; an
// unbalanced document is a bug, which `done()` tells.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool b);
  JsonWriter& value(std::int64_t n);
  JsonWriter& value(std::uint64_t n);
  JsonWriter& value(int n) { return value(static_cast<std::int64_t>(n)); }
  JsonWriter& null();
  // Bytes that are JSON already: a number text, a rendered document.
  JsonWriter& raw(std::string_view json);

  // True once every begin has met its end.
  bool done() const { return depth_ == 0; }

 private:
  void separate();

  std::string& out_;
  int depth_ = 0;
  bool need_comma_ = false;
};

}  // namespace bezalel
