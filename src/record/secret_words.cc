#include "record/secret_words.h"

#include <algorithm>
#include <array>
#include <string>

namespace bezalel::record {

namespace {

using namespace std::string_view_literals;

constexpr auto npos = std::string_view::npos;

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lower(char c) {
  return is_upper(c) ? static_cast<char>(c + 32) : c;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& list,
               std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

// `word` as a part of its own at the end: api_key, apiKey, x-api-key.
bool ends_in_part(std::string_view name, std::string_view low,
                  std::string_view word) {
  if (!low.ends_with(word) || low.size() == word.size()) return false;
  const std::size_t at = low.size() - word.size();
  const char before = low[at - 1];
  return before == '_' || before == '-' || before == '.' || is_digit(before) ||
         (is_upper(name[at]) && !is_upper(name[at - 1]));
}

bool has_part(std::string_view low, std::string_view word) {
  const auto edge = [&](std::size_t i) {
    return i >= low.size() || low[i] == '_' || low[i] == '-' || low[i] == '.' ||
           is_digit(low[i]);
  };
  for (std::size_t at = low.find(word); at != npos;
       at = low.find(word, at + 1)) {
    if ((at == 0 || edge(at - 1)) && edge(at + word.size())) return true;
  }
  return false;
}

bool names_password(std::string_view name, std::string_view low) {
  constexpr std::array kInside = {"passw"sv, "passphrase"sv, "passcode"sv,
                                  "passin"sv, "passout"sv};
  for (const auto part : kInside) {
    if (low.find(part) != npos && !low.starts_with("passing")) return true;
  }
  if (low != "pass" && has_part(low, "pass")) return true;
  if (ends_in_part(name, low, "pass") || ends_in_part(name, low, "pwd")) {
    return true;
  }
  constexpr std::array kJoined = {"dbpass"sv,    "userpass"sv, "sshpass"sv,
                                  "pgpass"sv,    "mypass"sv,   "rootpass"sv,
                                  "mysqlpass"sv, "ftppass"sv,  "smtppass"sv,
                                  "adminpass"sv, "keypass"sv,  "storepass"sv};
  return is_one_of(kJoined, low);
}

bool names_key(std::string_view name, std::string_view low) {
  constexpr std::array kJoined = {
      "apikey"sv,  "accesskey"sv,  "secretkey"sv,    "privatekey"sv,
      "authkey"sv, "sharedkey"sv,  "masterkey"sv,    "accountkey"sv,
      "sshkey"sv,  "licensekey"sv, "encryptionkey"sv};
  constexpr std::array kPublic = {"public_key"sv,  "public-key"sv,
                                  "primary_key"sv, "foreign_key"sv,
                                  "sort_key"sv,    "partition_key"sv};
  if (is_one_of(kPublic, low)) return false;
  return ends_in_part(name, low, "key") || is_one_of(kJoined, low);
}

struct Shape {
  std::string_view prefix;
  std::size_t least;  // characters behind the prefix
};

// Published prefixes of access tokens.
constexpr std::array kShapes = {
    Shape{"ghp_", 20},     Shape{"gho_", 20},
    Shape{"ghu_", 20},     Shape{"ghs_", 20},
    Shape{"ghr_", 20},     Shape{"github_pat_", 20},
    Shape{"glpat-", 16},   Shape{"glptt-", 16},
    Shape{"gldt-", 16},    Shape{"glrt-", 16},
    Shape{"xoxb-", 10},    Shape{"xoxp-", 10},
    Shape{"xoxa-", 10},    Shape{"xoxr-", 10},
    Shape{"xoxs-", 10},    Shape{"xoxe-", 10},
    Shape{"xapp-", 10},    Shape{"sk_live_", 10},
    Shape{"sk_test_", 10}, Shape{"rk_live_", 10},
    Shape{"whsec_", 16},   Shape{"sk-ant-", 16},
    Shape{"sk-proj-", 16}, Shape{"AIza", 30},
    Shape{"ya29.", 16},    Shape{"SG.", 30},
    Shape{"npm_", 30},     Shape{"pypi-", 30},
    Shape{"hf_", 30},      Shape{"dop_v1_", 30},
    Shape{"shpat_", 20},   Shape{"dckr_pat_", 16},
    Shape{"hvs.", 20},     Shape{"AGE-SECRET-KEY-1", 20},
    Shape{"eyJ", 20},
};

bool is_token_char(char c) {
  return is_name_char(c) || c == '-' || c == '.';
}

std::size_t count_while(std::string_view text, bool (*test)(char)) {
  std::size_t n = 0;
  while (n < text.size() && test(text[n])) ++n;
  return n;
}

bool is_access_id_char(char c) {
  return is_upper(c) || is_digit(c);
}

struct Client {
  std::string_view names;     // blank-separated
  std::string_view attached;  // options that the password is glued to
  std::string_view separate;  // options that it follows
};

constexpr std::array kClients = {
    Client{"mysql mysqldump mysqladmin mysqlimport mysqlcheck mariadb "
           "mariadb-dump mariadb-admin mariadb-check mysqlshow mysqlpump "
           "mydumper innobackupex xtrabackup mariabackup",
           "p", ""},
    Client{"sshpass mongo mongodump mongorestore mongoexport mongosh "
           "rabbitmqadmin influx",
           "", "p"},
    Client{"curl lftp ftp-upload", "u", "u"},
    Client{"ncftpput ncftpget", "p", "p"},
    Client{"redis-cli", "a", "a"},
    Client{"smbclient rpcclient", "U", "U"},
    Client{"ldapsearch ldapmodify ldapadd ldapdelete ipmitool", "w", "w"},
    Client{"7z 7za 7zr rar unrar", "p", ""},
    Client{"zip unzip ipmitool sqlcmd bcp", "P", "P"},
};

bool in_list(std::string_view list, std::string_view word) {
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(' ', at), list.size());
    if (list.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || is_upper(c) || is_digit(c) || c == '_';
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](char x, char y) { return lower(x) == lower(y); });
}

SecretName secret_name(std::string_view name) {
  std::string low(name);
  for (char& c : low) c = lower(c);
  if (low.ends_with("token") || low.find("secret") != npos ||
      low.ends_with("credential") || low.ends_with("credentials") ||
      names_password(name, low) || names_key(name, low)) {
    return SecretName::yes;
  }
  constexpr std::array kMaybe = {"key"sv,
                                 "pass"sv,
                                 "pwd"sv,
                                 "sig"sv,
                                 "signature"sv,
                                 "auth"sv,
                                 "x-amz-signature"sv,
                                 "bearer"sv};
  return is_one_of(kMaybe, low) ? SecretName::maybe : SecretName::no;
}

bool is_header_name(std::string_view name) {
  constexpr std::array kNames = {
      "authorization"sv, "proxy-authorization"sv, "cookie"sv,
      "set-cookie"sv,    "x-api-key"sv,           "x-auth-token"sv,
      "private-token"sv, "x-vault-token"sv,       "x-gitlab-token"sv};
  return std::ranges::any_of(kNames, [name](std::string_view known) {
    return same_ignoring_case(known, name);
  });
}

bool is_sql_password(std::string_view name) {
  return same_ignoring_case(name, "by");
}

bool is_variable(std::string_view value) {
  if (!value.starts_with('$')) return false;
  value.remove_prefix(1);
  if (value.starts_with('{') && value.ends_with('}')) {
    value = value.substr(1, value.size() - 2);
  }
  return !value.empty() && std::ranges::all_of(value, [](char c) {
    return is_upper(c) || is_digit(c) || c == '_';
  });
}

bool is_harmless_value(std::string_view name, SecretName kind,
                       std::string_view value, bool prose) {
  constexpr std::array kWords = {"null"sv, "true"sv, "false"sv, "none"sv,
                                 "None"sv, "True"sv, "False"sv, "yes"sv,
                                 "no"sv,   "***"sv,  "nil"sv,   "{"sv,
                                 "["sv,    "}"sv,    "|"sv};
  if (is_one_of(kWords, value) || is_variable(value)) return true;
  if (kind == SecretName::yes) return false;
  const bool is_count = std::ranges::all_of(
      value, [](char c) { return is_digit(c) || c == '.'; });
  if (is_count && value.size() < 6) return true;
  if (same_ignoring_case(name, "pass")) return prose;
  if (same_ignoring_case(name, "pwd")) return prose || value[0] == '/';
  return value.size() < 16 || value.find('/') != npos;
}

std::size_t token_length(std::string_view text) {
  for (const Shape& s : kShapes) {
    if (!text.starts_with(s.prefix)) continue;
    const std::size_t n =
        count_while(text.substr(s.prefix.size()), is_token_char);
    if (n >= s.least) return s.prefix.size() + n;
  }
  if (text.starts_with("AKIA") || text.starts_with("ASIA")) {
    const std::size_t n = count_while(text, is_access_id_char);
    if (n == 20) return n;
  }
  return 0;
}

std::size_t secret_path_prefix(std::string_view text) {
  constexpr std::array kPrefixes = {
      "hooks.slack.com/services/"sv, "discord.com/api/webhooks/"sv,
      "discordapp.com/api/webhooks/"sv, "api.telegram.org/bot"sv};
  for (const auto prefix : kPrefixes) {
    if (text.starts_with(prefix)) return prefix.size();
  }
  constexpr std::string_view kBearer = "Bearer ";
  if (same_ignoring_case(text.substr(0, kBearer.size()), kBearer) &&
      count_while(text.substr(kBearer.size()), is_token_char) >= 16) {
    return kBearer.size();
  }
  return 0;
}

bool is_secret_client(std::string_view name) {
  return std::ranges::any_of(
      kClients, [name](const Client& c) { return in_list(c.names, name); });
}

ClientOption client_option(std::string_view client, std::string_view text) {
  if (text.size() < 3 || text[0] != '-') return {};
  for (const Client& c : kClients) {
    if (!in_list(c.names, client)) continue;
    const bool blank = text[2] == ' ' || text[2] == '\t';
    if (blank && c.separate.find(text[1]) != npos) return {2, true};
    if (!blank && text[2] != '\n' && c.attached.find(text[1]) != npos) {
      return {2, false};
    }
  }
  return {};
}

}  // namespace bezalel::record
