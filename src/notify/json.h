// Looking into replies without trusting their shape. Inside of notify.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace bezalel::notify {

// Any JSON value; nullopt if it is not JSON, or nested more than 32 deep.
std::optional<boost::json::value> parse_json(std::string_view text);

// Members by name; empty where the value is no object, has no such member or
// one of another type.
const boost::json::value* json_member(const boost::json::value& value,
                                      std::string_view name);
std::optional<std::string> json_text(const boost::json::value& value,
                                     std::string_view name);
std::optional<std::int64_t> json_int(const boost::json::value& value,
                                     std::string_view name);
std::optional<bool> json_bool(const boost::json::value& value,
                              std::string_view name);

}  // namespace bezalel::notify
