// `bezalel adopt` and `bezalel release`.
#include "report/adopt.h"

#include "cli/commands.h"

namespace bezalel::cli {
namespace {

Said usage(const std::string& what) {
  return {"", "bezalel: " + what + "\n", 2};
}

// What is left alone for its package is so on purpose; a crontab that was asked
// for by name and can not be adopted is a failure.
int status_of(const app::AdoptPlan& plan, const AdoptOptions& options,
              std::size_t failed) {
  if (failed > 0) return 1;
  return !options.all && plan.edits.empty() && !plan.left_alone.empty() ? 1 : 0;
}

}  // namespace

Said run_adopt(app::AdoptContext& context, const AdoptOptions& options) {
  const std::string verb =
      options.turn == app::Turn::adopt ? "adopt" : "release";
  const int given = int{options.all} + int{!options.user.empty()} +
                    int{!options.file.empty()};
  if (options.print) {
    return {crontab::header_of(
                {context.shell, context.date,
                 options.user.empty()
                     ? "bezalel release --file " +
                           (options.file.empty() ? "FILE" : options.file)
                     : "bezalel release --user " + options.user}),
            "", 0};
  }
  if (given != 1) {
    return usage(verb + ": expected one of --all, --user U, --file F");
  }
  auto plan =
      app::plan(context, options.turn,
                {options.all, options.user, options.file, options.packaged});
  if (!plan) return failure(plan.error());
  if (options.dry_run) {
    std::string out =
        report::adopt_text(*plan, options.turn, report::Tense::would);
    if (!plan->edits.empty()) {
      out += "next: bezalel " + verb +
             (options.all            ? " --all"
              : options.user.empty() ? " --file " + options.file
                                     : " --user " + options.user) +
             (options.packaged ? " --packaged" : "") + "\n";
    }
    return {out, "", status_of(*plan, options, 0)};
  }
  const std::vector<std::string> failed = app::carry_out(context, *plan);
  std::string err;
  for (const std::string& what : failed) err += "bezalel: " + what + "\n";
  if (!failed.empty()) {
    std::erase_if(plan->edits, [&](const app::TabEdit& e) {
      for (const std::string& what : failed) {
        if (what.starts_with(e.file.shown() + ": ")) return true;
      }
      return false;
    });
  }
  std::string out = report::adopt_text(*plan, options.turn, report::Tense::did);
  if (!plan->edits.empty() && options.turn == app::Turn::adopt) {
    out += "next: bezalel audit\n";
  }
  return {out, err, status_of(*plan, options, failed.size())};
}

}  // namespace bezalel::cli
