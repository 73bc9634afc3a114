#include <algorithm>
#include <cctype>
#include <vector>

#include "base/escape.h"
#include "base/network.h"
#include "base/web_address.h"
#include "settings/load.h"
#include "settings/parse_job.h"
#include "settings/toml_table.h"

namespace bezalel::settings {
namespace {

// It goes into subjects, titles and keys of trackers: no blank, no sign that a
// terminal or a path would take for its own.
bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return c > 0x7f || std::isalnum(c) != 0 || c == '.' || c == '-' ||
                  c == '_';
         });
}

// The keys that a channel of a type takes, besides `type` and `timeout`.
struct ChannelType {
  std::string_view name;
  std::vector<std::string_view> keys;
};

const std::vector<ChannelType>& channel_types() {
  static const std::vector<ChannelType> types = [] {
    std::vector<ChannelType> all = {
        {"gitea", {"url", "repo", "token_file", "assignees"}},
        {"forgejo", {"url", "repo", "token_file", "assignees"}},
        {"pagerduty", {"routing_key_file", "url"}},
        {"ntfy", {"url", "topic", "token_file"}},
        {"webhook", {"url", "secret_file", "token_file"}},
        {"smtp", {"url", "to", "from", "username", "password_file", "tls"}},
        {"exec", {"argv"}},
        {"local", {}},
    };
    for (ChannelType& type : all) {
      if (type.name == "exec" || type.name == "local") continue;
      for (const char* key : {"ca_file", "insecure", "proxy", "allow_private"})
        type.keys.emplace_back(key);
    }
    return all;
  }();
  return types;
}

bool is_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size();
}

constexpr char kOrMailbox[] =
    "or a url on localhost for a mailbox of this host";

// As it was typed, where that is one word.
std::string text_of_value(const toml::node& value) {
  if (const auto text = value.value_exact<std::string>()) {
    return "\"" + escape_line(*text, 40) + "\"";
  }
  if (const auto n = value.value_exact<double>()) return fmt::format("{}", *n);
  if (const auto b = value.value_exact<bool>()) return *b ? "true" : "false";
  return "a list or a table";
}

bool is_repository(std::string_view text) {
  return std::count(text.begin(), text.end(), '/') == 1 &&
         !text.starts_with('/') && !text.ends_with('/');
}

// A request that hangs holds up a check, and a tracker is asked several times.
constexpr Duration kLongestTimeout = std::chrono::minutes(1);

class Parser {
 public:
  Parser(const Source& source, const Context& context, app::Users& users,
         app::Settings& out)
      : source_(source), context_(context), users_(users), out_(out) {}

  void parse(const toml::table& root) {
    TableReader r = reader(root, "this file");
    each(r, "job",
         [this](const auto& name, const auto& key, const auto& table) {
           add_job(name, key, table, source_, context_, users_, out_);
         });
    if (source_.kind == File::settings) {
      each(r, "channel",
           [this](const auto& name, const auto&, const auto& table) {
             add_channel(name, table);
           });
      parse_host(r);
      parse_check(r);
      parse_route(r);
      parse_rest(r);
    }
    r.finish();
  }

 private:
  TableReader reader(const toml::table& table, std::string where) {
    return TableReader(table, std::move(where), source_.path, out_.findings);
  }

  // Every [NAME.x] table, given its key.
  template <class F>
  void each(TableReader& r, const char* name, F&& f) {
    const auto* tables = r.table(name, "tables");
    if (tables == nullptr) return;
    for (const auto& [key, value] : *tables) {
      if (const auto* table = value.as_table()) {
        f(key.str(), key.source(), *table);
      } else {
        r.wrong(value, fmt::format("{}.{}: expected a table", name,
                                   escape_line(key.str(), 40)));
      }
    }
  }

  void add_channel(std::string_view name, const toml::table& table) {
    app::ChannelSettings c;
    c.name = name;
    c.where = fmt::format("{}:{}", source_.path, table.source().begin.line);
    TableReader r =
        reader(table, fmt::format("[channel.{}]", escape_line(name, 40)));
    r.text("type", c.type);
    const auto& types = channel_types();
    const auto type =
        std::find_if(types.begin(), types.end(),
                     [&](const auto& known) { return known.name == c.type; });
    if (type == types.end()) {
      const toml::node* n = r.node("type");
      r.wrong(n != nullptr ? *n : static_cast<const toml::node&>(table),
              fmt::format("type = \"{}\": expected gitea, forgejo, pagerduty, "
                          "ntfy, webhook, smtp, exec or local",
                          escape_line(c.type, 40)));
    }
    if (name == "local" && c.type != "local" && !r.failed()) {
      // It would take the place of the one that is there when all else fails.
      r.wrong(*r.node("type"),
              fmt::format("type = \"{}\": local is the system log; expected "
                          "another name for this channel",
                          c.type));
    }
    r.text("url", c.url);
    r.text("repo", c.repo);
    c.assignees = r.texts("assignees");
    c.token_file = secret(r, "token_file", c.token, c.unread);
    secret(r, "secret_file", c.token, c.unread);
    secret(r, "password_file", c.password, c.unread);
    secret(r, "routing_key_file", c.routing_key, c.unread);
    r.text("username", c.username);
    r.text("topic", c.topic);
    r.text("from", c.from);
    c.to = r.texts("to");
    r.text("tls", c.tls);
    if (!c.tls.empty() && c.tls != "starttls" && c.tls != "tls" &&
        c.tls != "none") {
      r.wrong(*r.node("tls"), fmt::format("tls = \"{}\": expected starttls, "
                                          "tls or none",
                                          escape_line(c.tls, 40)));
    }
    c.argv = r.texts("argv");
    // Of a file that is told of as writable, it follows.
    if (c.type == "exec" && !source_.open_to.empty()) r.refuse();
    if (c.type == "exec" && !c.argv.empty() && source_.program_open_to) {
      const std::string by =
          source_.program_open_to(c.argv[0], context_.default_uid);
      if (!by.empty()) {
        r.wrong(*r.node("argv"),
                fmt::format("argv: {} may be written by {}; expected a program "
                            "that nobody else can change",
                            escape_line(c.argv[0], 80), by));
      }
    }
    r.text("ca_file", c.ca_file);
    c.insecure = r.value<bool>("insecure", "true or false").value_or(false);
    r.text("proxy", c.proxy);
    if (const auto timeout = r.span("timeout")) {
      c.timeout = *timeout;
      if (*timeout < std::chrono::seconds(1) || *timeout > kLongestTimeout) {
        r.wrong(*r.node("timeout"), "timeout: expected 1s to 1min");
      }
    }
    check_addresses(r, c);
    check_values(r, c);
    if (type != types.end()) tell_foreign(table, *type);
    c.allow_private = r.texts("allow_private");
    for (const std::string& network : c.allow_private) {
      if (parse_ip_network(network)) continue;
      r.wrong(*r.node("allow_private"),
              fmt::format("allow_private: \"{}\": expected a network like "
                          "10.0.0.0/8",
                          escape_line(network, 60)));
    }
    r.finish();
    if (r.failed()) {
      broken_channels_.push_back(std::move(c.name));
    } else {
      out_.channels.push_back(std::move(c));
    }
  }

  // What can reach nobody, whatever the network does.
  void check_addresses(TableReader& r, const app::ChannelSettings& c) {
    const toml::node* url = r.node("url");
    if (url != nullptr && url->is_string() && c.type != "smtp" &&
        !is_web_address(c.url)) {
      r.wrong(*url, fmt::format("url = \"{}\": expected https://...",
                                escape_line(c.url, 80)));
    }
    if (c.type != "smtp") return;
    for (const std::string& to : c.to) {
      if (is_address(to) || is_mailbox_here(to, c.url)) continue;
      r.wrong(
          *r.node("to"),
          fmt::format("to: \"{}\": expected an address such as ops@example, "
                      "{}",
                      escape_line(to, 80), kOrMailbox));
    }
  }

  static void check_tls(TableReader& r, const toml::node& tls,
                        const app::ChannelSettings& c) {
    const bool none = c.tls == "none";
    if ((none || c.tls == "starttls") && c.url.starts_with("smtps://")) {
      r.wrong(tls, fmt::format("tls = \"{}\": smtps:// is TLS{}; expected "
                               "smtp://, or no tls",
                               c.tls, none ? "" : " from the start"));
    } else if (none && !c.insecure && !c.url.empty() &&
               !is_on_loopback(c.url)) {
      r.wrong(tls, "tls = \"none\" to another host needs insecure = true");
    }
  }

  // What its type has no use for, at the key: what is missing is told when the
  // channel is made.
  void check_values(TableReader& r, const app::ChannelSettings& c) {
    const auto given = [&](const char* key) {
      const toml::node* n = r.node(key);
      return n != nullptr && n->is_string() ? n : nullptr;
    };
    const bool tracker = c.type == "gitea" || c.type == "forgejo";
    if (const auto* n = given("repo"); n && tracker && !is_repository(c.repo)) {
      r.wrong(*n, fmt::format("repo = \"{}\": expected OWNER/NAME",
                              escape_line(c.repo, 60)));
    }
    if (c.type == "exec" && !c.argv.empty() && !c.argv[0].starts_with('/')) {
      r.wrong(*r.node("argv"),
              fmt::format("argv: \"{}\": expected an absolute path first",
                          escape_line(c.argv[0], 80)));
    }
    if (c.type != "smtp") return;
    if (const auto* n = given("from");
        n && !is_address(c.from) && !is_mailbox_here(c.from, c.url)) {
      r.wrong(*n, fmt::format("from = \"{}\": expected an address such as "
                              "bezalel@example, {}",
                              escape_line(c.from, 80), kOrMailbox));
    }
    if (const auto* n = given("url");
        n && (c.url.empty() || (c.url.find("://") != std::string::npos &&
                                !c.url.starts_with("smtp://") &&
                                !c.url.starts_with("smtps://")))) {
      r.wrong(*n, fmt::format("url = \"{}\": expected smtp://HOST:PORT",
                              escape_line(c.url, 80)));
    }
    if (const auto* n = given("tls")) check_tls(r, *n, c);
    // Without a password nobody logs in, and without a name.
    const auto* name = given("username");
    const auto* password = given("password_file");
    if (name && (!password || c.username.empty())) {
      r.wrong(*name,
              password ? "username: is empty; expected the name to log in with"
                       : "username: there is no password_file; expected both, "
                         "or neither to send without a login");
    } else if (password && !name) {
      r.wrong(*password,
              "password_file: there is no username; expected both, or neither "
              "to send without a login");
    }
  }

  // It would be passed over silently; the channel itself is none the worse.
  void tell_foreign(const toml::table& table, const ChannelType& type) {
    for (const auto& [key, value] : table) {
      const std::string_view name = key.str();
      const auto has = [&](const ChannelType& t) {
        return std::find(t.keys.begin(), t.keys.end(), name) != t.keys.end();
      };
      const auto& types = channel_types();
      if (has(type) || std::none_of(types.begin(), types.end(), has)) continue;
      out_.findings.push_back(mistake(
          source_.path, key.source(),
          type.keys.empty()
              ? fmt::format("{}: {} takes no such key", name, type.name)
              : fmt::format("{}: {} takes no such key; expected of {}", name,
                            type.name, fmt::join(type.keys, ", "))));
    }
  }

  // A secret that cannot be read leaves the channel: it then says itself that
  // it cannot deliver, and the alarm goes by the others. Returns its file.
  std::string secret(TableReader& r, const char* key, Secret& out,
                     std::vector<app::Finding>& unread) {
    const auto path = r.text(key);
    if (!path || !source_.read_secret) return path.value_or("");
    auto value = source_.read_secret(*path);
    if (value) {
      out = std::move(*value);
      return *path;
    }
    unread.push_back(
        mistake(source_.path, r.node(key)->source(),
                fmt::format("{} = \"{}\": {}", key, escape_line(*path, 80),
                            value.error().what)));
    if (value.error().kind == Kind::corrupt) {
      unread.back().fix = "chmod 600 " + shell_quote(*path);
    }
    return *path;
  }

  void parse_host(TableReader& root) {
    const auto* table = root.table("host", "a table");
    if (table == nullptr) return;
    TableReader r = reader(*table, "[host]");
    std::string name;
    r.text("name", name);
    if (const toml::node* n = r.node("name"); n != nullptr && !r.failed()) {
      if (!is_host_name(name)) {
        r.wrong(*n, fmt::format("[host] name = \"{}\": expected 1 to 253 "
                                "letters, digits, dots, dashes",
                                escape_line(name, 40)));
      } else if (!context_.host_is_forced) {
        out_.host = name;
      }
    }
    r.finish();
  }

  void parse_check(TableReader& root) {
    const auto* table = root.table("check", "a table");
    if (table == nullptr) return;
    TableReader r = reader(*table, "[check]");
    if (const auto every = r.span("every")) {
      if (*every >= std::chrono::seconds(1)) {
        out_.check_every = *every;
      } else {
        r.wrong(*r.node("every"), "every: expected at least 1s");
      }
    }
    if (const auto hold = r.span("close_hold")) out_.policy.close_hold = *hold;
    if (const toml::node* n = r.node("reminders")) {
      std::vector<Duration> reminders = read_reminders(r, *n);
      if (!r.failed()) out_.policy.reminders = std::move(reminders);
    }
    r.finish();
  }

  // As elsewhere, a bare number is seconds.
  std::vector<Duration> read_reminders(TableReader& r, const toml::node& list) {
    std::vector<Duration> reminders;
    const toml::array* array = list.as_array();
    if (array == nullptr) {
      r.wrong(list, "reminders: expected a list of time spans");
      return reminders;
    }
    for (const toml::node& element : *array) {
      const auto number = element.value_exact<std::int64_t>();
      const auto text = number ? std::optional(std::to_string(*number))
                               : element.value_exact<std::string>();
      const auto span = parse_time_span(text.value_or(""));
      if (span && *span > Duration::zero()) {
        reminders.push_back(*span);
      } else if (span) {
        r.wrong(element,
                "reminders: 0 is no time to wait; expected longer time spans, "
                "or [] for no reminders");
      } else {
        r.wrong(element, fmt::format("reminders: {}: expected time spans",
                                     number ? *text : text_of_value(element)));
      }
    }
    return reminders;
  }

  void parse_route(TableReader& root) {
    const auto* table = root.table("route", "a table");
    if (table == nullptr) return;
    TableReader r = reader(*table, "[route]");
    if (const toml::node* n = r.node("P3")) {
      r.wrong(*n,
              "[route] P3: reports tell of it, and trackers of its findings; "
              "expected default, P1 or P2");
    }
    for (const char* key : {"default", "P1", "P2"}) {
      const toml::node* n = r.node(key);
      if (n == nullptr) continue;
      auto& channels = out_.routes[key] = r.texts(key);
      std::erase_if(channels, [&](const std::string& name) {
        if (name == "local" || channel(name) != nullptr) return false;
        if (is_told_of(name)) return true;
        r.wrong(*n, fmt::format("[route] {}: no channel is named {}", key,
                                escape_line(name, 40)));
        return true;
      });
    }
    r.finish();
  }

  // Those that cannot take it are kept: `report --send` says of each what
  // became of it.
  void parse_report(const toml::table& table) {
    TableReader r = reader(table, "[report]");
    out_.report_to = r.texts("to");
    for (const std::string& name : out_.report_to) {
      const auto* to = channel(name);
      if (name == "file" || (to == nullptr && name == "local")) continue;
      if (to == nullptr && is_told_of(name)) continue;
      if (to == nullptr) {
        r.wrong(*r.node("to"),
                "[report] to: no channel is named " + escape_line(name, 40));
      } else if (!app::takes_reports(*to)) {
        r.wrong(*r.node("to"),
                fmt::format("[report] to: {} is of type {}, which takes no "
                            "reports; expected mail, ntfy, webhook or exec",
                            escape_line(name, 40), to->type));
      }
    }
    r.finish();
  }

  // One that is in order; null: no such.
  const app::ChannelSettings* channel(std::string_view name) const {
    for (const auto& c : out_.channels) {
      if (c.name == name) return &c;
    }
    return nullptr;
  }

  // It is there, and what is wrong in it is told at its own line.
  bool is_told_of(std::string_view name) const {
    return std::find(broken_channels_.begin(), broken_channels_.end(), name) !=
           broken_channels_.end();
  }

  // The address is a secret: what is wrong with it is said without it.
  void parse_dead_man(const toml::table& table) {
    out_.deadman_wanted = true;
    TableReader r = reader(table, "[deadman]");
    const char* key = "url";
    if (auto url = r.text(key)) out_.deadman_url = Secret(std::move(*url));
    if (!secret(r, "url_file", out_.deadman_url, out_.findings).empty()) {
      key = "url_file";
    }
    if (r.node("url") != nullptr && r.node("url_file") != nullptr) {
      r.wrong(*r.node("url"),
              "[deadman] url: url_file is given as well; expected one of them");
    }
    const toml::node* given = r.node(key);
    if (given == nullptr) {
      r.wrong(table, "[deadman]: expected url or url_file");
    } else if (!out_.deadman_url.empty() &&
               !is_web_address(out_.deadman_url.reveal())) {
      r.wrong(*given, fmt::format("[deadman] {}: no address to ping; expected "
                                  "https://...",
                                  key));
      out_.deadman_url = Secret();
    } else if (out_.deadman_url.empty() && given->is_string() &&
               key == std::string_view("url")) {
      r.wrong(*given, "[deadman] url: is empty; expected https://...");
    }
    r.finish();
  }

  void parse_rest(TableReader& root) {
    if (const auto* table = root.table("deadman", "a table")) {
      parse_dead_man(*table);
    }
    if (const auto* table = root.table("report", "a table")) {
      parse_report(*table);
    }
  }

  const Source& source_;
  const Context& context_;
  app::Users& users_;
  app::Settings& out_;
  std::vector<std::string> broken_channels_;
};

}  // namespace

void parse(std::string_view text, const Source& source, const Context& context,
           app::Users& users, app::Settings& out) {
  const auto table = read_toml(text);
  if (table) return Parser(source, context, users, out).parse(*table);
  out.findings.push_back(
      mistake(source.path, table.error().at,
              "no TOML: " + escape_line(table.error().why, 200)));
  out.unread.push_back(source.path);
  // With the settings the channels are gone as well.
  if (source.kind == File::settings) {
    out.findings.back().alarm = core::Severity::p1;
  }
}

}  // namespace bezalel::settings
