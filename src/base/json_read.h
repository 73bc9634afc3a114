// A strict, non-allocating look into one JSON value, for records on disk.
//
// Records are small and flat, there can be 100 000 of them, and the small
// program reads one too; a document model would cost more than all the rest.
// Replies of other programs are read with Boost.JSON instead.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace bezalel {

// The raw text of one value inside a document that was checked as a whole.
// A view: it lives as long as the text it was made from.
class JsonValue {
 public:
  enum class Type { null, boolean, number, string, array, object };

  // The whole text must be one JSON value (RFC 8259), nested at most 16 deep,
  // with nothing but white space around it; nullopt otherwise.
  static std::optional<JsonValue> parse(std::string_view text);
  // A string that is gone before its value.
  template <std::same_as<std::string> Temporary>
  static std::optional<JsonValue> parse(Temporary&&) = delete;

  Type type() const { return type_; }
  std::string_view raw() const { return raw_; }

  // Member of an object by its name (the last, where repeated); nullopt if
  // this is no object or has no such member.
  std::optional<JsonValue> member(std::string_view name) const;

  // Calls f(name, value) for each member, in order and in one pass, for
  // readers that want several. `name` is the raw text between its quotes,
  // escapes not undone. Does nothing if this is no object.
  template <class F>
  void for_each_member(F&& f) const {
    std::size_t cursor = 0;
    std::string_view name;
    std::string_view value;
    while (next_member(cursor, name, value)) f(name, of_checked(value));
  }

  // The i-th element of an array.
  std::optional<JsonValue> element(std::size_t i) const;

  // The value as its type; nullopt when it is another one or does not fit.
  std::optional<std::string> as_string() const;
  std::optional<std::int64_t> as_int() const;
  std::optional<double> as_double() const;
  std::optional<bool> as_bool() const;
  // A number of seconds, exact to the microsecond.
  std::optional<Timestamp> as_unix() const;
  std::optional<Duration> as_seconds() const;

 private:
  JsonValue(Type type, std::string_view raw) : type_(type), raw_(raw) {}

  static JsonValue of_checked(std::string_view raw);
  bool next_member(std::size_t& cursor, std::string_view& name,
                   std::string_view& value) const;

  Type type_;
  std::string_view raw_;
};

}  // namespace bezalel
