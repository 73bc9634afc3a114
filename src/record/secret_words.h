// What the words around a secret look like. Inside of record.
#pragma once

#include <cstddef>
#include <string_view>

namespace bezalel::record {

bool is_name_char(char c);  // A-Z a-z 0-9 _
bool same_ignoring_case(std::string_view a, std::string_view b);

// How sure a name makes that its value is a secret.
enum class SecretName {
  no,
  maybe,  // key, pass, sig...: only if the value looks the part
  yes,
};
SecretName secret_name(std::string_view name);

// Authorization, Cookie and their like: the rest of the line is secret.
bool is_header_name(std::string_view name);

// The BY of IDENTIFIED BY.
bool is_sql_password(std::string_view name);

// $NAME or ${NAME}: says where the secret is, not what.
bool is_variable(std::string_view value);

// True for null, true, variables and what was redacted before; for a name
// that is only `maybe` also for what is too short, a count, or a path.
bool is_harmless_value(std::string_view name, SecretName kind,
                       std::string_view value, bool prose);

// Length of the token that `text` begins with; 0: none.
std::size_t token_length(std::string_view text);

// Length of the part before a secret path (hooks.slack.com/services/); 0.
std::size_t secret_path_prefix(std::string_view text);

// Programs whose short options carry passwords.
bool is_secret_client(std::string_view name);

struct ClientOption {
  std::size_t length = 0;  // of the option at the front; 0: none
  bool separate = false;   // the password is the next word
};
ClientOption client_option(std::string_view client, std::string_view text);

}  // namespace bezalel::record
