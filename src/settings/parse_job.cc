#include "settings/parse_job.h"

#include <algorithm>
#include <charconv>

#include "base/escape.h"
#include "record/job_name.h"

namespace bezalel::settings {
namespace {

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

// As systemd.unit(5) has it: nothing that a path or an option could be made of.
bool is_unit_name(std::string_view name) {
  return name.size() <= 255 && !name.starts_with('-') &&
         !name.starts_with('.') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') ||
                  std::string_view(":_.@-\\").find(c) != std::string_view::npos;
         });
}

class JobParser {
 public:
  JobParser(const Source& source, const Context& context, app::Users& users,
            app::Settings& out)
      : source_(source), context_(context), users_(users), out_(out) {}

  void add(std::string_view name, const toml::source_region& at,
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
    TableReader r = reader(table, fmt::format("[job.{}]", job.name));
    if (const auto user = r.text("user")) {
      job.user = *user;
      if (const auto uid = users_.uid_of(job.user)) {
        job.uid = *uid;
      } else {
        r.wrong(*table.get("user"), fmt::format("user = \"{}\": no such user",
                                                escape_line(job.user, 40)));
      }
    }
    const bool known_user = !r.failed();
    // Read also for a user that is not there: its keys are known ones. An
    // attribute that is wrong does not cost the job its watch.
    const bool usable = read_schedule(r, job) && known_user;
    read_attributes(r, job);
    r.finish();
    if (usable) {
      add_once(std::move(job), at);
    } else {
      out_.refused_jobs.push_back({job.uid, job.name});
    }
  }

 private:
  TableReader reader(const toml::table& table, std::string where) {
    return TableReader(table, std::move(where), source_.path, out_.findings);
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

  // False: nobody can say when the job is due. What is wrong about how late it
  // may be, or how long it may run, is told and passed over.
  bool read_schedule(TableReader& r, app::DeclaredJob& job) {
    record::ScheduleText text;
    text.every = r.span_text("every");
    text.cron = r.text("cron");
    text.calendar = r.text("calendar");
    text.tz = r.text("tz");
    const bool manual =
        r.value<bool>("manual", "true or false").value_or(false);
    const bool failed = r.failed();
    text.grace = r.span_text("grace");
    text.max = r.span_text("max");
    if (failed) return false;
    if (text.tz && (text.every || manual)) {
      r.wrong(*r.node("tz"),
              fmt::format("tz: means nothing beside {}; expected it with cron "
                          "or calendar",
                          text.every ? "every" : "manual"));
      text.tz.reset();
    }
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
        return false;
      }
      job.expectation.emplace();
      job.expectation->schedule = schedule::Manual{};
      job.expectation->source = core::ExpectationSource::job_file;
      job.expectation->where = job.where;
      if (text.max) job.expectation->max = *parse_time_span(*text.max);
      return true;
    }
    auto zone = schedule::Zone::load(context_.zone);
    const auto expect = [&] {
      return core::expectation_from(text, core::ExpectationSource::job_file,
                                    zone ? *zone : schedule::Zone::utc());
    };
    auto expected = expect();
    for (auto [name, given] :
         {std::pair{"grace", &text.grace}, std::pair{"max", &text.max}}) {
      if (expected || !expected.error().what.starts_with(name)) continue;
      if (r.node(name) != nullptr)
        r.wrong(*r.node(name), expected.error().what);
      given->reset();
      expected = expect();
    }
    if (!expected) {
      if (const toml::node* tz = r.node("tz");
          tz != nullptr && expected.error().what.starts_with("tz")) {
        node = tz;
      }
      if (node != nullptr) r.wrong(*node, expected.error().what);
      return node == nullptr;
    }
    job.expectation = std::move(*expected);
    if (job.expectation) job.expectation->where = job.where;
    return true;
  }

  void read_attributes(TableReader& r, app::DeclaredJob& job) {
    if (const toml::node* n = r.node("factor")) {
      const auto factor = n->value<double>();
      const char* slots = r.node("cron")       ? "cron"
                          : r.node("calendar") ? "calendar"
                                               : nullptr;
      if (slots != nullptr) {
        r.wrong(*n, fmt::format("factor: means nothing beside {}; expected it "
                                "with every, or grace in its place",
                                slots));
      } else if (factor && *factor >= 1.0 && *factor <= 1000.0) {
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
    job.on_stale = read_action(r, "on_stale", job);
    job.on_failed = read_action(r, "on_failed", job);
  }

  // One that is refused is noted in `declared`.
  std::optional<app::Action> read_action(TableReader& job, const char* key,
                                         app::DeclaredJob& declared) {
    const auto* table = job.table(key, "{ restart = ... } or { run = [...] }");
    if (table == nullptr) {
      if (job.node(key) != nullptr) {
        declared.refused_actions.emplace_back(key,
                                              out_.findings.back().message);
      }
      return std::nullopt;
    }
    app::Action action;
    TableReader r = reader(*table, key);
    r.text("restart", action.restart);
    action.run = r.texts("run");
    const auto user = r.text("user");
    action.user = user.value_or("");
    if (const auto timeout = r.span("timeout")) {
      action.timeout = *timeout;
      if (*timeout < std::chrono::seconds(1) ||
          *timeout > app::kLongestAction) {
        r.wrong(*r.node("timeout"),
                fmt::format("{}: timeout: expected 1s to 5min", key));
      }
    }
    if (const auto limit = r.text("limit");
        limit && !parse_limit(*limit, action)) {
      r.wrong(*r.node("limit"), fmt::format("limit = \"{}\": expected COUNT/"
                                            "SPAN such as \"3/6h\"",
                                            escape_line(*limit, 40)));
    }
    std::string wrong;
    if (r.failed()) {
      wrong = out_.findings.back().message;
      if (!wrong.starts_with(key)) wrong = fmt::format("{}: {}", key, wrong);
    }
    r.finish();
    if (const std::string why = why_refused(action, user); !why.empty()) {
      wrong = fmt::format("{}: {}", key, why);
      r.wrong(*table, wrong);
    } else if (!source_.may_act) {
      wrong = fmt::format(
          "{}: passed over: actions count only in a file that "
          "root alone can write",
          key);
      // Of a file that is told of as writable, it follows.
      source_.open_to.empty() ? r.wrong(*table, wrong) : r.refuse();
    } else if (const std::string by = program_open_to(action); !by.empty()) {
      wrong = fmt::format(
          "{}: run: {} may be written by {}; expected a "
          "program that nobody else can change",
          key, escape_line(action.run[0], 80), by);
      r.wrong(*table, wrong);
    }
    if (!r.failed()) return action;
    declared.refused_actions.emplace_back(key, std::move(wrong));
    return std::nullopt;
  }

  std::string why_refused(const app::Action& action,
                          const std::optional<std::string>& user) {
    if (action.restart.empty() == action.run.empty()) {
      return "expected either restart or run";
    }
    if (!action.run.empty() && !action.run[0].starts_with('/')) {
      return "run: expected an absolute path first";
    }
    if (!action.restart.empty() && !is_unit_name(action.restart)) {
      return fmt::format("restart = \"{}\": expected a unit such as x.service",
                         escape_line(action.restart, 60));
    }
    if (user && !action.restart.empty()) {
      return "user: means nothing beside restart; expected it with run";
    }
    if (user && !users_.uid_of(action.user)) {
      return fmt::format("user = \"{}\": no such user",
                         escape_line(action.user, 40));
    }
    return {};
  }

  // Who else may write what it runs.
  std::string program_open_to(const app::Action& action) {
    if (action.run.empty() || !source_.program_open_to) return {};
    std::uint32_t uid = context_.default_uid;
    if (!action.user.empty()) uid = users_.uid_of(action.user).value_or(uid);
    return source_.program_open_to(action.run[0], uid);
  }

  const Source& source_;
  const Context& context_;
  app::Users& users_;
  app::Settings& out_;
};

}  // namespace

void add_job(std::string_view name, const toml::source_region& at,
             const toml::table& table, const Source& source,
             const Context& context, app::Users& users, app::Settings& out) {
  JobParser(source, context, users, out).add(name, at, table);
}

}  // namespace bezalel::settings
