#include "app/adopt.h"

#include <fmt/format.h>

#include <numeric>

#include "base/escape.h"

namespace bezalel::app {
namespace {

std::string release_command(const CrontabFile& file) {
  return file.kind == crontab::Kind::user
             ? "bezalel release --user " + file.user
             : "bezalel release --file " + file.path;
}

bool is_meant(const CrontabFile& file, const Selection& s) {
  if (!s.user.empty()) {
    return file.kind == crontab::Kind::user && file.user == s.user;
  }
  if (!s.file.empty()) return file.path == s.file;
  return s.all;
}

int jobs_in(const crontab::Crontab& tab) {
  return static_cast<int>(crontab::entries_of(tab).size());
}

class Planner {
 public:
  Planner(AdoptContext& context, Turn turn, const Selection& selection)
      : context_(context), turn_(turn), selection_(selection) {}

  Result<AdoptPlan> run() {
    const CrontabScan scan = context_.files.scan();
    bool found = false;
    for (const CrontabFile& file : scan.files) {
      if (!is_meant(file, selection_)) continue;
      found = true;
      take(file);
    }
    if (!found && !selection_.all) return missing(scan);
    return std::move(plan_);
  }

 private:
  // The daemon ignores it, it may not be read, or it is not there.
  Error missing(const CrontabScan& scan) const {
    const std::string wanted = selection_.user.empty()
                                   ? escape_line(selection_.file)
                                   : "crontab of " + selection_.user;
    for (const Finding& f : scan.findings) {
      if (f.source == wanted)
        return err(Kind::invalid, wanted + ": " + f.message);
    }
    return err(Kind::not_found,
               wanted +
                   ": expected a crontab of this host; see bezalel "
                   "discover");
  }

  void take(const CrontabFile& file) {
    const auto text = context_.writer.read(file);
    if (!text) return leave(file, text.error().what);
    const crontab::Crontab tab =
        crontab::parse(*text, file.kind, file.daemon, context_.files.host());
    TabEdit edit{file, *text, {}, jobs_in(tab)};
    if (turn_ == Turn::release) {
      edit.after = crontab::release(tab);
      if (edit.after != edit.before)
        plan_.edits.push_back(std::move(edit));
      else
        ++plan_.as_they_are;
      return;
    }
    // The hand that holds `--file` of a package's own crontab must mean it.
    if (!file.package.empty() && !selection_.packaged) {
      if (edit.jobs > 0 || tab.refused) {
        plan_.left_alone.push_back({file.shown(), file.package, {}});
      }
      return;
    }
    if (edit.jobs == 0 && !tab.refused && selection_.all) return;
    auto adopted = crontab::adopt(
        tab, {context_.shell, context_.date, release_command(file)},
        context_.files.host());
    if (!adopted) return leave(file, adopted.error().what);
    edit.after = *std::move(adopted);
    if (edit.after == edit.before) {
      ++plan_.as_they_are;
    } else {
      plan_.edits.push_back(std::move(edit));
    }
  }

  void leave(const CrontabFile& file, std::string why) {
    plan_.left_alone.push_back({file.shown(), {}, std::move(why)});
  }

  AdoptContext& context_;
  const Turn turn_;
  const Selection& selection_;
  AdoptPlan plan_;
};

}  // namespace

int AdoptPlan::jobs() const {
  return std::accumulate(edits.begin(), edits.end(), 0,
                         [](int n, const TabEdit& e) { return n + e.jobs; });
}

Result<AdoptPlan> plan(AdoptContext& context, Turn turn,
                       const Selection& selection) {
  if (turn == Turn::adopt) {
    const std::string trouble = context.writer.shell_trouble(context.shell);
    if (!trouble.empty()) return err(Kind::denied, trouble);
  }
  return Planner(context, turn, selection).run();
}

std::vector<std::string> carry_out(AdoptContext& context,
                                   const AdoptPlan& plan) {
  std::vector<std::string> failed;
  for (const TabEdit& edit : plan.edits) {
    const auto done = context.writer.write(edit.file, edit.before, edit.after);
    if (!done) {
      failed.push_back(edit.file.shown() + ": " + done.error().what);
    }
  }
  return failed;
}

}  // namespace bezalel::app
