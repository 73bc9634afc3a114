// A table of TOML, its keys taken out one after the other, each with its
// mistakes. Inside of settings; the only way to toml++.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/finding.h"
#include "base/duration.h"
#include "base/result.h"

// toml++ 3.3 asserts that a table's name begins like one before it looks, and
// without assertions takes it for granted; the look itself is good. So
// assertions stay on for it, and do nothing.
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace bezalel::settings {

// What is wrong in a file of settings, and where.
app::Finding mistake(const std::string& path, const toml::source_region& at,
                     std::string message);

// Why a text is no TOML, and where.
struct NoToml {
  toml::source_region at;
  std::string why;
};
tl::expected<toml::table, NoToml> read_toml(std::string_view text);

class TableReader {
 public:
  TableReader(const toml::table& table, std::string where,
              const std::string& path, std::vector<app::Finding>& findings)
      : table_(table),
        where_(std::move(where)),
        path_(path),
        findings_(findings) {}

  bool failed() const { return failed_; }
  const toml::source_region& at() const { return table_.source(); }

  const toml::node* node(const char* key) {
    known_.emplace_back(key);
    return table_.get(key);
  }

  // As wrong(), of what is told elsewhere.
  void refuse() { failed_ = true; }

  void wrong(const toml::node& value, std::string message) {
    failed_ = true;
    findings_.push_back(mistake(path_, value.source(), std::move(message)));
  }

  template <class T>
  std::optional<T> value(const char* key, const char* expected) {
    const toml::node* n = node(key);
    if (n == nullptr) return std::nullopt;
    if (auto v = n->value_exact<T>()) return v;
    wrong(*n, fmt::format("{}: expected {}", key, expected));
    return std::nullopt;
  }

  std::optional<std::string> text(const char* key) {
    return value<std::string>(key, "a text in quotes");
  }

  void text(const char* key, std::string& out) {
    if (auto v = text(key)) out = std::move(*v);
  }

  // A span as text, or a bare number of seconds; its text is kept.
  std::optional<std::string> span_text(const char* key);

  std::optional<Duration> span(const char* key);

  std::vector<std::string> texts(const char* key);

  const toml::table* table(const char* key, const char* expected);

  // Keys that nobody asked for.
  void finish();

 private:
  const toml::table& table_;
  std::string where_;
  const std::string& path_;
  std::vector<app::Finding>& findings_;
  std::vector<std::string> known_;
  bool failed_ = false;
};

}  // namespace bezalel::settings
