// The only place that knows CLI11. Help of one command, its parser and its
// completion all come from the table of options declared here.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "base/escape.h"
#include "cli/options.h"

namespace bezalel::cli {
namespace {

Said usage_error(const std::string& what) {
  return {"", "bezalel: " + what + "\n", 2};
}

// One of a few words; the help lists them.
void choice(CLI::Option* option, const std::vector<std::string>& words) {
  std::string list;
  std::string shown;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) list += i + 1 == words.size() ? " or " : ", ";
    if (i != 0) shown += '|';
    list += words[i];
    shown += words[i];
  }
  option->type_name(shown)->check(CLI::Validator(
      [words, list](std::string& given) -> std::string {
        if (std::find(words.begin(), words.end(), given) != words.end()) {
          return "";
        }
        return "\"" + escape_line(given, 40) + "\": expected " + list;
      },
      ""));
}

CLI::Validator between(int least, int most) {
  return {
      [least, most](std::string& given) -> std::string {
        int n = 0;
        const char* end = given.data() + given.size();
        const auto [stop, wrong] = std::from_chars(given.data(), end, n);
        if (wrong == std::errc() && stop == end && n >= least && n <= most) {
          return "";
        }
        return "\"" + escape_line(given, 40) + "\": expected " +
               std::to_string(least) + " to " + std::to_string(most);
      },
      ""};
}

// What a script passes on from a variable that is not set.
CLI::Validator not_empty() {
  return {[](std::string& given) -> std::string {
            return given.empty() ? "\"\": expected a value" : "";
          },
          ""};
}

// A list of files would take the next option for one of them.
CLI::Validator no_option() {
  return {[](std::string& given) -> std::string {
            return given.starts_with("--") ? "\"" + escape_line(given, 40) +
                                                 "\": an option; expected FILE"
                                           : "";
          },
          ""};
}

// CLI11 names a subcommand alone, and begins with a capital letter.
class Usage : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app,
                         std::string /*name*/) const override {
    std::string line = "\nusage: bezalel " + app->get_name() + " [OPTIONS]";
    for (const CLI::Option* option : app->get_options()) {
      if (!option->get_positional()) continue;
      const std::string name = option->get_name(true);
      line += option->get_required() ? " " + name : " [" + name + "]";
      if (option->get_items_expected_max() > 1) line += "...";
    }
    return line + "\n";
  }

  // What is to be given, by our word for it; nothing of CLI11's own.
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    return type.empty() || type == "TEXT" ? std::string() : " " + type;
  }
};

class Parser {
 public:
  Parser() : app_("makes silent cron failures impossible", "bezalel") {
    app_.require_subcommand(1);
    app_.set_help_flag();
    app_.set_version_flag("--version",
                          std::string("bezalel ") + BEZALEL_VERSION);
    app_.fallthrough();
    app_.formatter(std::make_shared<Usage>());
    app_.add_option("--root", global_.root, "read and write all below DIR")
        ->type_name("DIR")
        ->check(not_empty())
        ->envname("BEZALEL_ROOT");
    app_.add_flag("--mine", global_.mine, "this user's own jobs and state");
    judging();
    correcting();
    starting();
    schedules();
    explaining();
    covering();
  }

  std::variant<Parsed, Said> run(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForVersion& e) {
      return Said{std::string(e.what()) + "\n", "", 0};
    } catch (const CLI::CallForHelp&) {
      return Said{help_of(), "", 0};
    } catch (const CLI::ParseError& e) {
      return usage_error(as_given(one_line(e), argc, argv));
    }
    return Parsed{global_, command_};
  }

 private:
  template <class Options>
  CLI::App* add(const std::string& name, const std::string& summary,
                const std::string& example, Options& options) {
    CLI::App* sub = app_.add_subcommand(name, summary);
    sub->set_help_flag("-h,--help", "this text");
    sub->footer("example\n  " + example + "\nmanual  man bezalel-" + name);
    sub->final_callback([this, &options] { command_ = options; });
    return sub;
  }

  void judging() {
    auto* check = add("check", "judge all jobs now", "bezalel check", check_);
    auto* notify = check->add_flag("--notify", check_.notify,
                                   "record, open, close and send (for timers)");
    auto* quiet =
        check->add_flag("--quiet", check_.quiet, "print what changed, only");
    auto* dry_run = check
                        ->add_flag("--dry-run", check_.dry_run,
                                   "with --notify: print it, change nothing")
                        ->needs(notify)
                        ->excludes(quiet);
    check->add_flag("--all", check_.all, "list the jobs that are well, too");
    auto* format = check->add_option("--format", check_.format, "how to print");
    choice(format, {"text", "json", "markdown", "nagios", "prometheus"});
    dry_run->excludes(format);
    check->add_option("-o", check_.output, "write to FILE whole or not at all")
        ->type_name("FILE");
    check->add_option("--job", check_.jobs, "only NAME or USER/NAME")
        ->type_name("NAME")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);

    auto* status = add("status", "the panel; with JOB: its runs and output",
                       "bezalel status db_backup", status_);
    status->add_option("JOB", status_.job, "NAME or USER/NAME");
    choice(status->add_option("--format", status_.format, "how to print"),
           {"text", "json"});

    auto* logs = add("logs", "output of a job's runs",
                     "bezalel logs db_backup -n 3", logs_);
    logs->add_option("JOB", logs_.job, "NAME or USER/NAME")->required();
    logs->add_option("-n,--runs", logs_.runs, "how many runs")
        ->type_name("N")
        ->check(between(1, 100));

    auto* report = add("report", "the nightly or morning report",
                       "bezalel report --style morning", report_);
    auto* style =
        report->add_option("--style", report_.style, "nightly or morning");
    choice(style, {"nightly", "morning"});
    auto* section =
        report->add_option("--section", report_.section, "that section alone");
    choice(section, {"all", "panel", "blockers"});
    auto* since =
        report->add_option("--since", report_.since, "how far back, as 1d")
            ->type_name("D");
    choice(report->add_option("--format", report_.format, "how to print"),
           {"markdown", "text", "json"});
    auto* send = report->add_flag("--send", report_.send,
                                  "to the sinks of [report] to, and record it");
    auto* merge =
        report
            ->add_option("--merge", report_.merge,
                         "one page of many hosts' `check --format json`")
            ->type_name("FILE")
            ->check(no_option());
    // The page of many hosts has one shape, and is only printed.
    for (auto* other : {style, section, since, send}) merge->excludes(other);
  }

  void correcting() {
    auto* alerts = add("alerts", "open incidents, and who was told",
                       "bezalel alerts", alerts_);
    choice(alerts->add_option("--format", alerts_.format, "how to print"),
           {"text", "json"});
    auto* ack =
        add("ack", "\"seen\": stop reminding", "bezalel ack db_backup", ack_);
    ack->add_option("JOB", ack_.job,
                    "NAME or USER/NAME, or a finding: ID or ID:SOURCE")
        ->required();
    auto* silence =
        add("silence", "no notices until a given time, for a reason",
            "bezalel silence db_backup --until \"tomorrow 09:00\" "
            "--reason \"moving disks\"",
            silence_);
    silence->add_option("JOB", silence_.job,
                        "NAME or USER/NAME, or a finding: ID or ID:SOURCE");
    silence
        ->add_option("--until", silence_.until,
                     "\"tomorrow 09:00\", \"Mon 09:00\", 2h, or a date")
        ->type_name("TIME");
    silence->add_option("--reason", silence_.reason, "why; shown in reports")
        ->type_name("TEXT");
    silence->add_flag("--host", silence_.host, "all of this host");
    silence->add_flag("--end", silence_.end, "end it now");
    auto* pause =
        add("pause", "stop judging a job",
            "bezalel pause old_export --reason \"season is over\"", pause_);
    pause->add_option("JOB", pause_.job, "NAME or USER/NAME")->required();
    pause->add_option("--reason", pause_.reason, "why; shown in reports")
        ->type_name("TEXT");
    auto* resume = add("resume", "judge a paused job again",
                       "bezalel resume old_export", resume_);
    resume->add_option("JOB", resume_.job, "NAME or USER/NAME")->required();
    auto* retire =
        add("retire", "this job is gone on purpose",
            "bezalel retire old_export --reason \"moved to db9\"", retire_);
    retire->add_option("JOB", retire_.job, "NAME or USER/NAME")->required();
    retire->add_option("--reason", retire_.reason, "why; shown in reports")
        ->type_name("TEXT");
    auto* channel = add("channel", "list channels; test NAME: send a notice",
                        "bezalel channel test forge", channel_);
    choice(channel->add_option("VERB", channel_.verb, "list or test"),
           {"list", "test"});
    channel->add_option("NAME", channel_.name, "a [channel.NAME]");
  }

  void covering() {
    auto* discover = add("discover", "every cron job and timer of this host",
                         "bezalel discover --format json", discover_);
    choice(discover->add_option("--format", discover_.format, "how to print"),
           {"text", "json", "toml"});
    discover
        ->add_option("--sysroot", discover_.sysroot,
                     "read another root: an image, a container")
        ->type_name("DIR");
    auto* audit = add("audit", "is every scheduled job watched?",
                      "bezalel audit", audit_);
    choice(audit->add_option("--format", audit_.format, "how to print"),
           {"text", "json"});
    auto* lint = add("lint", "lines and files that do not do what they seem to",
                     "bezalel lint deploy/cron.d/backup --kind system", lint_);
    lint->add_option("FILE", lint_.files,
                     "crontabs, - for standard input; none: this host's");
    choice(lint->add_option("--kind", lint_.kind,
                            "system tables name a user in each line"),
           {"user", "system", "anacron"});
    choice(lint->add_option("--daemon", lint_.daemon, "which cron reads it"),
           {"debian", "cronie", "busybox", "systemd-cron"});
    choice(lint->add_option("--format", lint_.format, "how to print"),
           {"text", "json"});
    lint->add_flag("--all", lint_.all, "what is just worth knowing, too");
    auto* simulate =
        add("simulate", "run a job now, exactly as its scheduler would",
            "bezalel simulate db-backup --dry-run", simulate_);
    simulate->add_option("JOB", simulate_.job, "NAME or USER/NAME")->required();
    simulate->add_flag("--dry-run", simulate_.dry_run,
                       "print with what it would be started");
    simulate->add_flag("--start", simulate_.start,
                       "a timer's: have systemd start its service");
    release_.turn = app::Turn::release;
    taking(add("release", "undo adopt, byte for byte",
               "bezalel release --file /etc/cron.d/backup", release_),
           release_);
    taking(add("adopt", "watch a crontab with one line; release undoes it",
               "bezalel adopt --all --dry-run", adopt_),
           adopt_);
  }

  static void taking(CLI::App* sub, AdoptOptions& options) {
    sub->add_flag("--all", options.all, "all crontabs of this host");
    sub->add_option("--user", options.user, "the crontab of one user")
        ->type_name("U");
    sub->add_option("--file", options.file, "one file, as /etc/cron.d/backup")
        ->type_name("F");
    sub->add_option("--timer", options.timer, "one timer, as backup.timer")
        ->type_name("T");
    sub->add_flag("--dry-run", options.dry_run,
                  "print the difference, change nothing");
    if (options.turn == app::Turn::release) return;
    sub->add_flag("--packaged", options.packaged,
                  "files that belong to packages, too");
    sub->add_flag("--wrap", options.wrap,
                  "wrap each job line in bezalel run, keep SHELL");
    sub->add_flag("--print", options.print,
                  "print the lines, for configuration management");
  }

  void starting() {
    auto* init = add("init", "write the settings, test, start checking",
                     "bezalel init --gitea https://forge.example ops/alerts "
                     "--token-file /root/t",
                     init_);
    init->add_option("--gitea", init_.gitea, "a Gitea or Forgejo, and its repo")
        ->type_name("URL OWNER/REPO")
        ->expected(2);
    init->add_option("--token-file", init_.token_file, "its access token")
        ->type_name("FILE");
    init->add_option("--ntfy", init_.ntfy, "URL of a topic")
        ->type_name("URL")
        ->check(not_empty());
    init->add_option("--webhook", init_.webhook, "where to POST")
        ->type_name("URL")
        ->check(not_empty());
    init->add_option("--mail", init_.mail, "smtp://SERVER and an address")
        ->type_name("URL ADDRESS")
        ->expected(2);
    init->add_option("--deadman", init_.deadman,
                     "outside this host, pinged after each cycle")
        ->type_name("URL")
        ->check(not_empty());
    init->add_flag("--no-start", init_.no_start, "do not start the checking");
    add("doctor", "what would keep an alarm from reaching you tonight?",
        "bezalel doctor", doctor_);
    auto* drill = add("drill", "let a made-up job go silent, see the alarm",
                      "bezalel drill", drill_);
    drill->add_option("--every", drill_.every, "its interval")->type_name("D");
    add("setup", "make the directories of users who have jobs", "bezalel setup",
        setup_);
    auto* tour = add("tour", "a minute with real jobs, one of each trouble",
                     "bezalel tour", tour_);
    tour->add_option("--keep", tour_.keep, "leave everything in DIR")
        ->type_name("DIR");
  }

  void schedules() {
    auto* next =
        add("next", "next or previous runs of a schedule",
            "bezalel next --cron '30 2 * * *' --tz Europe/Riga -n 3", next_);
    choice(next->add_option("BATCH", batch_, "-: JSON lines on standard input"),
           {"-"});
    next->add_option("--cron", next_.cron, "five fields or @daily")
        ->type_name("E")
        ->check(not_empty());
    next->add_option("--calendar", next_.calendar, "systemd's OnCalendar")
        ->type_name("E")
        ->check(not_empty());
    next->add_option("--every", next_.every, "an interval")
        ->type_name("D")
        ->check(not_empty());
    choice(next->add_option("--dialect", next_.dialect,
                            "whose cron; quartz: seconds, L, W and #"),
           {"debian", "cronie", "busybox", "systemd-cron", "quartz"});
    next->add_option("--tz", next_.tz, "IANA zone")->type_name("ZONE");
    next->add_option("--from", next_.from, "RFC 3339; now where not given")
        ->type_name("T");
    next->add_flag("--prev", next_.prev, "backwards, latest first");
    next->add_option("-n,--count", next_.n, "how many")
        ->type_name("N")
        ->check(between(1, 100000));
    next->final_callback([this] {
      next_.batch = batch_ == "-";
      command_ = next_;
    });
  }

  void explaining() {
    auto* explain =
        add("explain", "a schedule in words, with its next runs",
            "bezalel explain '30 2 * * *' --tz Europe/Riga", explain_);
    explain
        ->add_option("EXPR", explain_.expression,
                     "five fields, @daily, an OnCalendar or an interval")
        ->required();
    explain->add_flag("--calendar", explain_.calendar,
                      "EXPR is systemd's OnCalendar");
    explain->add_flag("--every", explain_.every, "EXPR is an interval");
    choice(
        explain->add_option("--dialect", explain_.dialect,
                            "whose cron; quartz: seconds, L, W and #"),
        {"debian", "cronie", "busybox", "systemd-cron", "quartz", "anacron"});
    explain->add_option("--tz", explain_.tz, "IANA zone")->type_name("ZONE");
    explain->add_option("--from", explain_.from, "RFC 3339; now if not given")
        ->type_name("T");
    explain->add_option("-n,--count", explain_.n, "how many runs")
        ->type_name("N")
        ->check(between(0, 100));
    choice(explain->add_option("--format", explain_.format, "how to print"),
           {"text", "json"});
  }

  std::string help_of() const {
    for (const CLI::App* sub : app_.get_subcommands()) return sub->help();
    return help_text();
  }

  // CLI11 names the long form of an option, whichever was given.
  static std::string as_given(std::string line, int argc,
                              const char* const* argv) {
    for (const std::string name : {"--count", "--runs"}) {
      const std::size_t at = line.find(": " + name + ": ");
      const bool is_long = std::any_of(
          argv + 1, argv + argc,
          [&](std::string_view word) { return word.starts_with(name); });
      if (at != std::string::npos && !is_long) {
        line.replace(at + 2, name.size(), "-n");
      }
    }
    return line;
  }

  // CLI11's message in our form: one line, what was expected named.
  std::string one_line(const CLI::ParseError& e) const {
    const auto subs = app_.get_subcommands();
    const CLI::App* sub = subs.empty() ? nullptr : subs[0];
    const std::string name = sub != nullptr ? sub->get_name() : "";
    std::string text = sub != nullptr ? name + ": " : "";
    const std::vector<std::string> rest = app_.remaining(true);
    if (!rest.empty()) {
      const std::string& word = rest.front();
      text += "\"" + escape_line(word, 40) + "\": ";
      text += word[0] == '-'   ? "unknown option"
              : sub == nullptr ? "unknown command"
                               : "one word too many";
    } else if (e.get_name() == "ArgumentMismatch") {
      text += mismatch(e.what());
    } else if (sub == nullptr) {
      text += "no command";
    } else {
      text += escape_line(e.what());
    }
    return text + "; see bezalel " + (sub != nullptr ? name + " " : "") +
           "--help";
  }

  // "--style: 1 required WORD missing" and the like: the option's name.
  static std::string mismatch(const std::string& text) {
    return text.substr(0, text.find(':')) + ": expected a value";
  }

  CLI::App app_;
  Global global_;
  Command command_;
  std::string batch_;
  CheckOptions check_;
  StatusOptions status_;
  LogsOptions logs_;
  ReportOptions report_;
  AlertsOptions alerts_;
  AckOptions ack_;
  SilenceOptions silence_;
  PauseOptions pause_;
  ResumeOptions resume_;
  RetireOptions retire_;
  ChannelOptions channel_;
  NextOptions next_;
  ExplainOptions explain_;
  InitOptions init_;
  DoctorOptions doctor_;
  DrillOptions drill_;
  SetupOptions setup_;
  TourOptions tour_;
  AuditOptions audit_;
  DiscoverOptions discover_;
  AdoptOptions adopt_, release_;
  LintOptions lint_;
  SimulateOptions simulate_;
};

bool is_command_word(const char* word) {
  return word[0] != '-';
}

}  // namespace

std::variant<Parsed, Said> parse(int argc, const char* const* argv) {
  bool has_command = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--root") {
      ++i;
      continue;
    }
    if (is_command_word(argv[i])) {
      has_command = true;
      break;
    }
    if (word == "--help" || word == "-h") return Said{help_text(), "", 0};
  }
  if (!has_command && argc == 1) return Said{help_text(), "", 0};
  return Parser().run(argc, argv);
}

}  // namespace bezalel::cli
