// The one file that includes toml++.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <set>
#include <tuple>

#include "base/duration.h"
#include "base/escape.h"
#include "record/job_name.h"
#include "settings/load.h"
#include "sys/file.h"

// toml++ 3.3 asserts that a table's name begins like one before it looks, and
// without assertions takes it for granted; the look itself is good. So
// assertions stay on for it, and do nothing.
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace bezalel::settings {

namespace {

app::Finding mistake(const std::string& path, const toml::source_region& at,
                     std::string message) {
  app::Finding finding;
  finding.id = "settings-invalid";
  finding.source = path;
  if (at.begin.line > 0) {
    finding.line = static_cast<int>(at.begin.line);
    finding.column = static_cast<int>(at.begin.column);
  }
  finding.message = std::move(message);
  finding.alarm = core::Severity::p2;
  return finding;
}

struct Misplaced {
  toml::source_region at;
  const char* what;
};

// What TOML 1.0 has no place for and toml++ does not bear: control characters
// anywhere, and anything but ASCII outside of strings and comments.
class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  std::optional<Misplaced> find() {
    for (i_ = 0; i_ < text_.size(); ++i_) {
      const char c = text_[i_];
      const auto byte = static_cast<unsigned char>(c);
      const bool white = c == '\n' || c == '\t' || c == '\r';
      if ((byte < 0x20 && !white) || byte == 0x7f) {
        return Misplaced{here(), "a control character; expected text"};
      }
      if (byte >= 0x80 && quotes_ == 0 && !comment_) {
        return Misplaced{here(), "not ASCII; expected quotes around it"};
      }
      step(c);
    }
    return std::nullopt;
  }

 private:
  toml::source_region here() const {
    const auto before = text_.substr(0, i_);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t begin = before.rfind('\n') + 1;  // npos + 1 is 0
    toml::source_region region{};
    region.begin.line = static_cast<toml::source_index>(line);
    region.begin.column = static_cast<toml::source_index>(i_ - begin + 1);
    return region;
  }

  // quotes_: how many of quote_ end the string we are in; 0: in none.
  void step(char c) {
    if (comment_) {
      comment_ = c != '\n';
    } else if (quotes_ == 0) {
      comment_ = c == '#';
      if (c == '"' || c == '\'') open(c);
    } else if (c == '\\' && quote_ == '"') {
      ++i_;
    } else if (c == '\n' && quotes_ == 1) {
      quotes_ = 0;
    } else if (c == quote_ && run(c) >= quotes_) {
      i_ += quotes_ - 1;
      quotes_ = 0;
    }
  }

  void open(char c) {
    quote_ = c;
    quotes_ = run(c) >= 3 ? 3 : 1;
    i_ += quotes_ - 1;
  }

  std::size_t run(char c) const {
    return std::min(text_.find_first_not_of(c, i_), text_.size()) - i_;
  }

  std::string_view text_;
  std::size_t i_ = 0;
  bool comment_ = false;
  char quote_ = 0;
  std::size_t quotes_ = 0;
};

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t swap = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
      diagonal =
          std::exchange(row[j], std::min({swap, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row[b.size()];
}

// One table: its keys taken out one after the other, each with its mistakes.
class Reader {
 public:
  Reader(const toml::table& table, std::string where, const std::string& path,
         std::vector<app::Finding>& findings)
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
  std::optional<std::string> span_text(const char* key) {
    const toml::node* n = node(key);
    if (n == nullptr) return std::nullopt;
    std::string text;
    if (const auto number = n->value_exact<std::int64_t>()) {
      text = std::to_string(*number);
    } else if (auto s = n->value_exact<std::string>()) {
      text = std::move(*s);
    } else {
      wrong(*n, fmt::format("{}: expected a time span such as \"1d\"", key));
      return std::nullopt;
    }
    const auto span = parse_time_span(text);
    if (!span) {
      wrong(*n, fmt::format("{} = {}", key, span.error().what));
      return std::nullopt;
    }
    return text;
  }

  std::optional<Duration> span(const char* key) {
    const auto text = span_text(key);
    if (!text) return std::nullopt;
    return *parse_time_span(*text);
  }

  std::vector<std::string> texts(const char* key) {
    std::vector<std::string> out;
    const toml::node* n = node(key);
    if (n == nullptr) return out;
    const toml::array* array = n->as_array();
    bool good = array != nullptr;
    if (good) {
      for (const auto& element : *array) {
        auto text = element.value_exact<std::string>();
        good = good && text.has_value();
        if (text) out.push_back(std::move(*text));
      }
    }
    if (good) return out;
    wrong(*n, fmt::format("{}: expected a list of texts", key));
    return {};
  }

  const toml::table* table(const char* key, const char* expected) {
    const toml::node* n = node(key);
    if (n == nullptr) return nullptr;
    if (const auto* t = n->as_table()) return t;
    wrong(*n, fmt::format("{}: expected {}", key, expected));
    return nullptr;
  }

  // Keys that nobody asked for.
  void finish() {
    for (const auto& [key, value] : table_) {
      const std::string_view name = key.str();
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) {
        continue;
      }
      std::string nearest;
      std::size_t best = 3;
      for (const auto& known : known_) {
        const std::size_t d = distance(name.substr(0, 40), known);
        if (d < best) {
          best = d;
          nearest = known;
        }
      }
      findings_.push_back(mistake(
          path_, key.source(),
          fmt::format("unknown key {} in {}{}", escape_line(name, 40), where_,
                      nearest.empty()
                          ? std::string()
                          : fmt::format("; did you mean {}?", nearest))));
    }
  }

 private:
  const toml::table& table_;
  std::string where_;
  const std::string& path_;
  std::vector<app::Finding>& findings_;
  std::vector<std::string> known_;
  bool failed_ = false;
};

// "3/6h"
bool parse_limit(std::string_view text, app::Action& action) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  int count = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + slash, count);
  const auto window = parse_time_span(text.substr(slash + 1));
  if (error != std::errc() || end != text.data() + slash || count < 1 ||
      !window || *window <= Duration::zero()) {
    return false;
  }
  action.limit_count = count;
  action.limit_window = *window;
  return true;
}

class Parser {
 public:
  Parser(const Source& source, const Context& context, app::Users& users,
         app::Settings& out)
      : source_(source), context_(context), users_(users), out_(out) {}

  void parse(const toml::table& root) {
    Reader r = reader(root, "this file");
    each(r, "job",
         [this](const auto& name, const auto& key, const auto& table) {
           add_job(name, key, table);
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
  Reader reader(const toml::table& table, std::string where) {
    return Reader(table, std::move(where), source_.path, out_.findings);
  }

  // Every [NAME.x] table, given its key.
  template <class F>
  void each(Reader& r, const char* name, F&& f) {
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

  void add_job(std::string_view name, const toml::source_region& at,
               const toml::table& table) {
    const auto valid = record::JobName::parse(name);
    if (!valid) {
      out_.findings.push_back(mistake(source_.path, at, valid.error().what));
      return;
    }
    app::DeclaredJob job;
    job.name = valid->str();
    job.uid = context_.default_uid;
    job.file_mtime = source_.mtime;
    job.where = fmt::format("{}:{}", source_.path, at.begin.line);
    Reader r = reader(table, fmt::format("[job.{}]", job.name));
    r.text("user", job.user);
    if (!job.user.empty()) {
      if (const auto uid = users_.uid_of(job.user)) {
        job.uid = *uid;
      } else {
        r.wrong(*table.get("user"), fmt::format("user = \"{}\": no such user",
                                                escape_line(job.user, 40)));
      }
    }
    read_schedule(r, job);
    // An attribute that is wrong does not cost the job its watch.
    const bool usable = !r.failed();
    read_attributes(r, job);
    r.finish();
    if (usable) add_once(std::move(job), at);
  }

  void add_once(app::DeclaredJob job, const toml::source_region& at) {
    for (const auto& other : out_.jobs) {
      if (other.name != job.name || other.uid != job.uid) continue;
      out_.findings.push_back(mistake(
          source_.path, at,
          fmt::format("job {} is declared already at {}; that one counts",
                      job.name, other.where)));
      return;
    }
    out_.jobs.push_back(std::move(job));
  }

  void read_schedule(Reader& r, app::DeclaredJob& job) {
    record::ScheduleText text;
    text.every = r.span_text("every");
    text.cron = r.text("cron");
    text.calendar = r.text("calendar");
    text.tz = r.text("tz");
    text.grace = r.span_text("grace");
    text.max = r.span_text("max");
    const bool manual =
        r.value<bool>("manual", "true or false").value_or(false);
    if (r.failed()) return;
    const char* key = text.every      ? "every"
                      : text.cron     ? "cron"
                      : text.calendar ? "calendar"
                                      : "manual";
    const toml::node* node = r.node(key);
    if (manual) {
      if (!text.empty()) {
        r.wrong(*node, fmt::format("{}: the job is manual as well; expected "
                                   "one of every, cron, calendar, manual",
                                   key));
        return;
      }
      job.expectation.emplace();
      job.expectation->schedule = schedule::Manual{};
      job.expectation->source = core::ExpectationSource::job_file;
      job.expectation->where = job.where;
      if (text.max) job.expectation->max = *parse_time_span(*text.max);
      return;
    }
    auto zone = schedule::Zone::load(context_.zone);
    auto expected =
        core::expectation_from(text, core::ExpectationSource::job_file,
                               zone ? *zone : schedule::Zone::utc());
    if (!expected) {
      if (const toml::node* tz = r.node("tz");
          tz != nullptr && expected.error().what.starts_with("tz")) {
        node = tz;
      }
      if (node == nullptr) return;
      r.wrong(*node, expected.error().what);
      return;
    }
    job.expectation = std::move(*expected);
    if (job.expectation) job.expectation->where = job.where;
  }

  void read_attributes(Reader& r, app::DeclaredJob& job) {
    if (const toml::node* n = r.node("factor")) {
      const auto factor = n->value<double>();
      if (factor && *factor >= 1.0 && *factor <= 1000.0) {
        job.factor = *factor;
      } else {
        r.wrong(*n, "factor: expected a number from 1 to 1000");
      }
    }
    if (const toml::node* n = r.node("confirm")) {
      const auto confirm = n->value_exact<std::int64_t>();
      if (confirm && *confirm >= 1 && *confirm <= 100) {
        job.confirm = static_cast<int>(*confirm);
      } else {
        r.wrong(*n, "confirm: expected a number from 1 to 100");
      }
    }
    if (const auto text = r.text("severity")) {
      job.severity = core::parse_severity(*text);
      if (!job.severity) {
        r.wrong(*r.node("severity"), fmt::format("severity = \"{}\": expected "
                                                 "P1, P2 or P3",
                                                 escape_line(*text, 40)));
      }
    }
    job.tags = r.texts("tags");
    if (const auto text = r.text("output")) {
      if (*text == "local") {
        job.output = app::OutputPolicy::local;
      } else if (*text == "none") {
        job.output = app::OutputPolicy::none;
      } else if (*text != "notice") {
        r.wrong(*r.node("output"), fmt::format("output = \"{}\": expected "
                                               "notice, local or none",
                                               escape_line(*text, 40)));
      }
    }
    job.on_stale = read_action(r, "on_stale");
    job.on_failed = read_action(r, "on_failed");
  }

  std::optional<app::Action> read_action(Reader& job, const char* key) {
    const auto* table = job.table(key, "{ restart = ... } or { run = [...] }");
    if (table == nullptr) return std::nullopt;
    app::Action action;
    Reader r = reader(*table, key);
    r.text("restart", action.restart);
    action.run = r.texts("run");
    r.text("user", action.user);
    if (const auto timeout = r.span("timeout")) action.timeout = *timeout;
    if (const auto limit = r.text("limit");
        limit && !parse_limit(*limit, action)) {
      r.wrong(*r.node("limit"), fmt::format("limit = \"{}\": expected COUNT/"
                                            "SPAN such as \"3/6h\"",
                                            escape_line(*limit, 40)));
    }
    r.finish();
    if (action.restart.empty() == action.run.empty()) {
      r.wrong(*table, fmt::format("{}: expected either restart or run", key));
    } else if (!action.run.empty() && !action.run[0].starts_with('/')) {
      r.wrong(*table,
              fmt::format("{}: run: expected an absolute path first", key));
    } else if (action.restart.starts_with('-')) {
      r.wrong(*table, fmt::format("{}: restart: expected a unit", key));
    } else if (!action.user.empty() && !users_.uid_of(action.user)) {
      r.wrong(*table, fmt::format("{}: user = \"{}\": no such user", key,
                                  escape_line(action.user, 40)));
    } else if (!source_.may_act) {
      r.wrong(*table, fmt::format("{}: passed over: actions count only in a "
                                  "file that root alone can write",
                                  key));
    }
    if (r.failed()) return std::nullopt;
    return action;
  }

  void add_channel(std::string_view name, const toml::table& table) {
    static constexpr std::array kTypes = {"gitea", "forgejo", "pagerduty",
                                          "ntfy",  "webhook", "smtp",
                                          "exec",  "local"};
    app::ChannelSettings c;
    c.name = name;
    c.where = fmt::format("{}:{}", source_.path, table.source().begin.line);
    Reader r =
        reader(table, fmt::format("[channel.{}]", escape_line(name, 40)));
    r.text("type", c.type);
    if (std::find(kTypes.begin(), kTypes.end(), c.type) == kTypes.end()) {
      const toml::node* n = r.node("type");
      r.wrong(n != nullptr ? *n : static_cast<const toml::node&>(table),
              fmt::format("type = \"{}\": expected gitea, forgejo, pagerduty, "
                          "ntfy, webhook, smtp, exec or local",
                          escape_line(c.type, 40)));
    }
    r.text("url", c.url);
    r.text("repo", c.repo);
    c.assignees = r.texts("assignees");
    secret(r, "token_file", c.token);
    secret(r, "secret_file", c.token);
    secret(r, "password_file", c.password);
    secret(r, "routing_key_file", c.routing_key);
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
    r.text("ca_file", c.ca_file);
    c.insecure = r.value<bool>("insecure", "true or false").value_or(false);
    r.text("proxy", c.proxy);
    if (const auto timeout = r.span("timeout")) c.timeout = *timeout;
    c.allow_private = r.texts("allow_private");
    r.finish();
    if (!r.failed()) out_.channels.push_back(std::move(c));
  }

  // A secret that cannot be read leaves the channel: it then says itself that
  // it cannot deliver, and the alarm goes by the others.
  void secret(Reader& r, const char* key, Secret& out) {
    const auto path = r.text(key);
    if (!path || !source_.read_secret) return;
    auto value = source_.read_secret(*path);
    if (value) {
      out = std::move(*value);
      return;
    }
    out_.findings.push_back(
        mistake(source_.path, r.node(key)->source(),
                fmt::format("{} = \"{}\": {}", key, escape_line(*path, 80),
                            value.error().what)));
  }

  void parse_host(Reader& root) {
    const auto* table = root.table("host", "a table");
    if (table == nullptr) return;
    Reader r = reader(*table, "[host]");
    std::string name;
    r.text("name", name);
    if (!name.empty() && !context_.host_is_forced) out_.host = name;
    r.finish();
  }

  void parse_check(Reader& root) {
    const auto* table = root.table("check", "a table");
    if (table == nullptr) return;
    Reader r = reader(*table, "[check]");
    if (const auto every = r.span("every")) {
      if (*every >= std::chrono::seconds(1)) {
        out_.check_every = *every;
      } else {
        r.wrong(*r.node("every"), "every: expected at least 1s");
      }
    }
    if (const auto hold = r.span("close_hold")) out_.policy.close_hold = *hold;
    if (const toml::node* n = r.node("reminders")) {
      std::vector<Duration> reminders;
      for (const auto& text : r.texts("reminders")) {
        const auto span = parse_time_span(text);
        if (span && *span > Duration::zero()) {
          reminders.push_back(*span);
        } else {
          r.wrong(*n, fmt::format("reminders: \"{}\": expected time spans",
                                  escape_line(text, 40)));
        }
      }
      if (!r.failed()) out_.policy.reminders = std::move(reminders);
    }
    r.finish();
  }

  void parse_route(Reader& root) {
    const auto* table = root.table("route", "a table");
    if (table == nullptr) return;
    Reader r = reader(*table, "[route]");
    for (const char* key : {"default", "P1", "P2", "P3"}) {
      if (r.node(key) != nullptr) out_.routes[key] = r.texts(key);
    }
    r.finish();
  }

  void parse_rest(Reader& root) {
    if (const auto* table = root.table("deadman", "a table")) {
      Reader r = reader(*table, "[deadman]");
      if (auto url = r.text("url")) out_.deadman_url = Secret(std::move(*url));
      secret(r, "url_file", out_.deadman_url);
      r.finish();
    }
    if (const auto* table = root.table("report", "a table")) {
      Reader r = reader(*table, "[report]");
      out_.report_to = r.texts("to");
      r.finish();
    }
  }

  const Source& source_;
  const Context& context_;
  app::Users& users_;
  app::Settings& out_;
};

}  // namespace

void parse(std::string_view text, const Source& source, const Context& context,
           app::Users& users, app::Settings& out) {
  const auto no_toml = [&](const toml::source_region& where,
                           std::string_view why) {
    out.findings.push_back(
        mistake(source.path, where, "no TOML: " + escape_line(why, 200)));
    // With the settings the channels are gone as well.
    if (source.kind == File::settings) {
      out.findings.back().alarm = core::Severity::p1;
    }
  };
  if (const auto misplaced = Scan(text).find()) {
    return no_toml(misplaced->at, misplaced->what);
  }
  // Its way to an error message does not bear them within strings, either. A
  // text without them that has no error shows that there is no such way.
  std::string ascii(text);
  for (char& c : ascii) {
    if (static_cast<unsigned char>(c) >= 0x80) c = 'x';
  }
  if (ascii != text) {
    if (const toml::parse_result tried = toml::parse(ascii); !tried) {
      return no_toml(tried.error().source(), tried.error().description());
    }
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return no_toml(parsed.error().source(), parsed.error().description());
  }
  Parser(source, context, users, out).parse(parsed.table());
}

void check_routes(const std::string& path, app::Settings& out) {
  std::set<std::string> names = {"local"};
  for (const auto& channel : out.channels) names.insert(channel.name);
  for (auto& [route, channels] : out.routes) {
    std::erase_if(channels, [&](const std::string& channel) {
      if (names.contains(channel)) return false;
      out.findings.push_back(
          mistake(path, {},
                  fmt::format("[route] {}: no channel is named {}", route,
                              escape_line(channel, 40))));
      return true;
    });
  }
}

Result<void> append_settings(const std::string& path,
                             const std::vector<std::string>& tables) {
  auto before = sys::read_file(path, 4 << 20);
  if (!before && before.error().kind != Kind::not_found) {
    return std::move(before).error();
  }
  mode_t mode = 0640;
  std::optional<sys::Owner> owner;
  struct stat status = {};
  if (before && ::stat(path.c_str(), &status) == 0) {
    mode = status.st_mode & 07777U;
    if (::geteuid() == 0) owner = sys::Owner{status.st_uid, status.st_gid};
  }
  std::string text = before ? *before : std::string();
  if (!text.empty() && !toml::parse(text)) {
    return err(Kind::invalid, path + ": is no valid TOML; nothing was added");
  }
  for (const auto& table : tables) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    if (!text.empty()) text += '\n';
    text += table;
    if (!text.empty() && text.back() != '\n') text += '\n';
  }
  const auto whole = toml::parse(text);
  if (!whole) {
    return err(Kind::conflict,
               fmt::format("{}: cannot be added: {}", path,
                           escape_line(whole.error().description(), 200)));
  }
  return sys::write_file(path, text, mode, sys::Durable::yes, owner);
}

}  // namespace bezalel::settings
