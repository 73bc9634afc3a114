#include "notify/json.h"

#include <boost/json/parse.hpp>

namespace bezalel::notify {

std::optional<boost::json::value> parse_json(std::string_view text) {
  boost::json::error_code error;
  boost::json::value value =
      boost::json::parse({text.data(), text.size()}, error);
  if (error) return std::nullopt;
  return value;
}

const boost::json::value* json_member(const boost::json::value& value,
                                      std::string_view name) {
  const boost::json::object* object = value.if_object();
  return object ? object->if_contains({name.data(), name.size()}) : nullptr;
}

std::optional<std::string> json_text(const boost::json::value& value,
                                     std::string_view name) {
  const boost::json::value* member = json_member(value, name);
  const boost::json::string* text = member ? member->if_string() : nullptr;
  if (!text) return std::nullopt;
  return std::string(text->data(), text->size());
}

std::optional<std::int64_t> json_int(const boost::json::value& value,
                                     std::string_view name) {
  const boost::json::value* member = json_member(value, name);
  const std::int64_t* number = member ? member->if_int64() : nullptr;
  if (!number) return std::nullopt;
  return *number;
}

std::optional<bool> json_bool(const boost::json::value& value,
                              std::string_view name) {
  const boost::json::value* member = json_member(value, name);
  const bool* flag = member ? member->if_bool() : nullptr;
  if (!flag) return std::nullopt;
  return *flag;
}

}  // namespace bezalel::notify
