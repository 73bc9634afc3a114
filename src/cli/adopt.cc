// `bezalel adopt` and `bezalel release`.
#include "report/adopt.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "cli/commands.h"

namespace bezalel::cli {
namespace {

Said usage(const std::string& what) {
  return {"", "bezalel: " + what + "\n", 2};
}

// "crontab of ann": what should have been done and could not.
std::string not_done(const app::AdoptPlan& plan) {
  std::string out;
  for (const app::LeftAlone& l : plan.left_alone) {
    if (l.failed) out += (out.empty() ? "" : ", ") + escape_line(l.shown);
  }
  return out;
}

// One line; empty: all was done. Why stands with what is left alone.
std::string complaint(const app::AdoptPlan& plan, app::Turn turn) {
  const std::string what = not_done(plan);
  if (what.empty()) return "";
  return std::string("bezalel: not ") +
         (turn == app::Turn::adopt ? "adopted: " : "released: ") + what + "\n";
}

// What is left alone for its package is so on purpose; a crontab that can not
// be read or adopted is a failure, and so is any that was asked for by name.
int status_of(const app::AdoptPlan& plan, const AdoptOptions& options,
              std::size_t failed) {
  if (failed > 0 || !not_done(plan).empty()) return 1;
  return !options.all && plan.empty() && !plan.left_alone.empty() ? 1 : 0;
}

// How the crontabs or the timer were named: " --user ann"; empty: in no way, or
// in more than one.
std::string named_by(const AdoptOptions& options) {
  std::string out;
  int ways = 0;
  const auto way = [&](const char* option, const std::string& value) {
    if (value.empty()) return;
    ++ways;
    out = std::string(option) + shell_quote(value);
  };
  if (options.all) {
    ++ways;
    out = " --all";
  }
  way(" --user ", options.user);
  way(" --file ", options.file);
  way(" --timer ", options.timer);
  return ways == 1 ? out : std::string();
}

// What a SHELL of the table's own would do to the header above it; empty: it
// has none.
std::string warn_of_shell(app::AdoptContext& context,
                          const AdoptOptions& options) {
  std::string out;
  if (options.file.empty() && options.user.empty()) return out;
  const app::CrontabScan scan = context.files.scan();
  for (const app::CrontabFile& file : scan.files) {
    if (options.file.empty() ? file.user != options.user
                             : file.path != options.file) {
      continue;
    }
    const auto tab = crontab::parse(file.text, file.kind, file.daemon);
    for (const crontab::Line& line : tab.lines) {
      if (line.type != crontab::LineType::setting || line.name != "SHELL" ||
          line.value.ends_with("bezalel-sh")) {
        continue;
      }
      out += fmt::format(
          "bezalel: {}:{} sets SHELL and would win: make that BEZALEL_SHELL\n",
          escape_line(file.shown()), line.number);
    }
  }
  return out;
}

// The lines themselves, for configuration management.
Said printed(app::AdoptContext& context, const AdoptOptions& options) {
  if (!options.timer.empty()) {
    return {app::timer_lines(context, options.timer), "", 0};
  }
  if (options.file == "/etc/anacrontab") {
    return usage(
        "adopt: --print: anacron knows no SHELL; expected `adopt --file "
        "/etc/anacrontab --dry-run`, which shows each job wrapped");
  }
  return {crontab::header_of(
              {context.shell, context.date,
               options.user.empty()
                   ? "bezalel release --file " +
                         (options.file.empty() ? "FILE" : options.file)
                   : "bezalel release --user " + options.user}),
          warn_of_shell(context, options), 0};
}

}  // namespace

Said run_adopt(app::AdoptContext& context, const AdoptOptions& options,
               const std::function<std::string()>& make_room) {
  const std::string verb =
      options.turn == app::Turn::adopt ? "adopt" : "release";
  if (!options.timer.empty() && !app::is_timer_name(options.timer)) {
    return usage(verb + ": --timer " + escape_line(options.timer, 40) +
                 ": expected the name of a timer, as backup.timer");
  }
  if (!options.file.empty() && options.file.front() != '/') {
    return usage(verb + ": --file " + escape_line(options.file, 40) +
                 ": expected an absolute path");
  }
  if (options.wrap && options.print) {
    return usage(verb +
                 ": --wrap: what it writes depends on each line; expected "
                 "--dry-run in place of --print");
  }
  if (options.wrap && !options.timer.empty()) {
    return usage(verb + ": --wrap: expected with --all, --user or --file");
  }
  if (options.print) return printed(context, options);
  const std::string named = named_by(options);
  if (named.empty()) {
    return usage(verb +
                 ": expected one of --all, --user U, --file F, --timer T");
  }
  auto plan = app::plan(context, options.turn,
                        {options.all, options.user, options.file, options.timer,
                         options.packaged, options.wrap});
  if (!plan) return failure(plan.error());
  if (options.dry_run) {
    std::string out =
        report::adopt_text(*plan, options.turn, report::Tense::would);
    if (!plan->empty()) {
      out += "next: " + context.bezalel + " " + verb + named +
             (options.packaged ? " --packaged" : "") +
             (options.wrap ? " --wrap" : "") + "\n";
    }
    return {out, complaint(*plan, options.turn), status_of(*plan, options, 0)};
  }
  const std::vector<std::string> failed = app::carry_out(context, *plan);
  std::string err = complaint(*plan, options.turn);
  for (const std::string& what : failed) err += "bezalel: " + what + "\n";
  std::string out = report::adopt_text(*plan, options.turn, report::Tense::did);
  const int status = status_of(*plan, options, failed.size());
  if (options.turn == app::Turn::adopt) {
    if (status == 0 || !plan->empty()) out += make_room();
    if (!plan->empty()) out += "next: " + context.bezalel + " audit\n";
  }
  return {out, err, status};
}

}  // namespace bezalel::cli
