#include "app/adopt.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/escape.h"
#include "crontab/anacrontab.h"
#include "crontab/deciding_guard.h"
#include "crontab/lint.h"
#include "crontab/wrap.h"
#include "record/job_name.h"

namespace bezalel::app {
namespace {

std::string release_command(const CrontabFile& file) {
  return file.kind == crontab::Kind::user
             ? "bezalel release --user " + file.user
             : "bezalel release --file " + file.path;
}

// Errors name their file; so does what is printed in front of them.
std::string without_path(std::string why, const std::string& path) {
  const std::string named = escape_line(path) + ": ";
  if (why.starts_with(named)) why.erase(0, named.size());
  return why;
}

bool is_meant(const CrontabFile& file, const Selection& s) {
  if (!s.user.empty()) {
    return file.kind == crontab::Kind::user && file.user == s.user;
  }
  if (!s.file.empty()) return file.path == s.file;
  return s.all;
}

// Lines that start the checking are none.
int jobs_in(const crontab::Crontab& tab) {
  const auto entries = crontab::entries_of(tab);
  return static_cast<int>(std::count_if(
      entries.begin(), entries.end(),
      [](const crontab::Entry& e) { return !record::is_checking(e.command); }));
}

// Those that nothing records but what releasing takes away.
template <class Entries>
int unrecorded_in(const Entries& entries) {
  return static_cast<int>(
      std::count_if(entries.begin(), entries.end(), [](const auto& e) {
        return !record::is_checking(e.command) &&
               !record::job_name(e.command).own;
      }));
}

// The small program, beside its name as a shell.
std::string program_of(const std::string& shell) {
  return shell.ends_with("-sh") ? shell.substr(0, shell.size() - 3) : shell;
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
    if (scan.anacrontab && is_anacrontab_meant(*scan.anacrontab)) {
      found = true;
      take_anacrontab(*scan.anacrontab);
    }
    if (!found && !selection_.all) return missing(scan);
    if (selection_.all) tell_unread(scan);
    return std::move(plan_);
  }

 private:
  // "nothing to adopt" would claim that there is no job in them.
  void tell_unread(const CrontabScan& scan) {
    for (const Finding& f : scan.findings) {
      if (f.id == "source-unreadable") {
        // Of those below /etc each must be named to be meant by a user who may
        // not read them.
        const bool meant = !f.source.starts_with("/etc/");
        plan_.left_alone.push_back({f.source, {}, f.message, meant});
      }
    }
  }

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

  // It belongs to anacron's package, so that all of the crontabs take it in
  // only with all of the packages', or to give it back; else it is listed.
  bool is_anacrontab_meant(const CrontabFile& file) const {
    if (selection_.file == file.path) return true;
    return selection_.all && (selection_.packaged || turn_ == Turn::release ||
                              !file.package.empty());
  }

  void take_anacrontab(const CrontabFile& file) {
    const auto text = context_.writer.read(file);
    if (!text) return leave(file, text.error());
    TabEdit edit{file, *text, {}, 0, true};
    edit.jobs = static_cast<int>(
        crontab::parse_anacrontab(*text, file.daemon).entries.size());
    if (turn_ == Turn::release) {
      edit.after = crontab::release_anacrontab(*text, file.daemon);
      edit.unrecorded = unrecorded_in(
          crontab::parse_anacrontab(edit.after, file.daemon).entries);
      if (crontab::is_wrapped_anacrontab(*text) || !selection_.all) {
        take_edit(std::move(edit));
      }
      return;
    }
    if (is_left_to_package(file)) {
      plan_.left_alone.push_back({file.shown(), file.package, {}});
      return;
    }
    auto wrapped =
        crontab::wrap_anacrontab(*text, file.daemon, wrapping_of(file));
    if (!wrapped) return leave(file, wrapped.error());
    edit.after = *std::move(wrapped);
    take_edit(std::move(edit));
  }

  // The hand that holds `--file` of a package's own crontab must mean it.
  bool is_left_to_package(const CrontabFile& file) const {
    return !file.package.empty() && !selection_.packaged;
  }

  void take_edit(TabEdit edit) {
    if (edit.after == edit.before) {
      ++plan_.as_they_are;
    } else {
      plan_.edits.push_back(std::move(edit));
    }
  }

  void take(const CrontabFile& file) {
    const auto text = context_.writer.read(file);
    if (!text) return leave(file, text.error());
    const crontab::Crontab tab =
        crontab::parse(*text, file.kind, file.daemon, context_.files.host());
    TabEdit edit{file, *text, {}, jobs_in(tab), crontab::is_wrapped(tab)};
    if (turn_ == Turn::release) {
      edit.after = crontab::release(tab);
      edit.unrecorded = unrecorded_in(crontab::entries_of(crontab::parse(
          edit.after, file.kind, file.daemon, context_.files.host())));
      return take_edit(std::move(edit));
    }
    if (is_left_to_package(file)) {
      if (edit.jobs > 0 || tab.refused) {
        plan_.left_alone.push_back({file.shown(), file.package, {}});
      }
      return;
    }
    if (edit.jobs == 0 && !tab.refused && selection_.all) return;
    if (const std::string why = lost_shell(tab); !why.empty()) {
      return leave(file, {Kind::invalid, why});
    }
    // A file that is wrapped stays so: what was added to it gets wrapped, too.
    edit.by_line = edit.by_line || selection_.wrap;
    auto adopted = edit.by_line ? crontab::wrap(tab, wrapping_of(file),
                                                context_.files.host())
                                : with_shell(tab, file);
    if (!adopted) return leave(file, adopted.error());
    edit.after = *std::move(adopted);
    edit.testing = testing_lines(tab);
    take_edit(std::move(edit));
  }

  // Adopted by hand, or by a package in another place: no job can start.
  std::string lost_shell(const crontab::Crontab& tab) const {
    const auto program = context_.files.host().program;
    for (const crontab::Line& line : tab.lines) {
      if (line.type != crontab::LineType::setting || line.name != "SHELL" ||
          !line.value.ends_with("/bezalel-sh")) {
        continue;
      }
      const std::string why = crontab::why_no_shell(line, tab, program);
      if (why.empty()) continue;
      return fmt::format(
          "line {}: {}: cron can start no job behind it; expected SHELL={} "
          "there",
          line.number, why, context_.shell);
    }
    return "";
  }

  static std::vector<int> testing_lines(const crontab::Crontab& tab) {
    std::vector<int> lines;
    for (const crontab::Line& line : tab.lines) {
      if (line.type != crontab::LineType::job) continue;
      const auto shell = crontab::read_shell(line.command);
      if (crontab::deciding_test(shell, line.command)) {
        lines.push_back(line.number);
      }
    }
    return lines;
  }

  Result<std::string> with_shell(const crontab::Crontab& tab,
                                 const CrontabFile& file) {
    return crontab::adopt(
        tab, {context_.shell, context_.date, release_command(file)},
        context_.files.host());
  }

  crontab::Wrapping wrapping_of(const CrontabFile& file) const {
    return {program_of(context_.shell), context_.date, release_command(file),
            [](std::string_view command) -> std::optional<std::string> {
              if (record::is_checking(command)) return std::nullopt;
              const auto named = record::job_name(command);
              if (named.speaks_for_itself()) return std::nullopt;
              return named.name.str();
            }};
  }

  void leave(const CrontabFile& file, const Error& error) {
    plan_.left_alone.push_back({file.shown(),
                                {},
                                without_path(error.what, file.path),
                                error.kind != bezalel::Kind::denied});
  }

  AdoptContext& context_;
  const Turn turn_;
  const Selection& selection_;
  AdoptPlan plan_;
};

Result<void> plan_adoption_of_timer(AdoptContext& context,
                                    const std::string& timer, AdoptPlan& into) {
  BZ_ASSIGN(DropInEdit edit,
            adopt_timer(context.drop_ins, timer, program_of(context.shell),
                        context.date));
  if (edit.before == edit.after) {
    into.timers_as_they_are = 1;
  } else {
    into.drop_ins.push_back(std::move(edit));
  }
  return {};
}

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
  AdoptPlan made;
  if (turn == Turn::adopt && !selection.timer.empty()) {
    BZ_TRY(plan_adoption_of_timer(context, selection.timer, made));
    return made;
  }
  if (selection.timer.empty()) {
    BZ_ASSIGN(made, Planner(context, turn, selection).run());
  }
  if (turn == Turn::release && (selection.all || !selection.timer.empty())) {
    BZ_ASSIGN(made.drop_ins, release_timers(context.drop_ins, selection.timer));
  }
  return made;
}

std::string timer_lines(const AdoptContext& context, const std::string& timer) {
  return drop_in_text(timer, program_of(context.shell), context.date);
}

std::vector<std::string> carry_out(AdoptContext& context, AdoptPlan& plan) {
  std::vector<std::string> failed;
  std::erase_if(plan.edits, [&](const TabEdit& edit) {
    const auto done = context.writer.write(edit.file, edit.before, edit.after);
    if (done) return false;
    failed.push_back(edit.file.shown() + ": " +
                     without_path(done.error().what, edit.file.path));
    return true;
  });
  std::erase_if(plan.drop_ins, [&](const DropInEdit& edit) {
    const auto done = context.drop_ins.write(edit);
    if (done) return false;
    failed.push_back(escape_line(edit.unit.path) + ": " +
                     without_path(done.error().what, edit.unit.path));
    return true;
  });
  if (!plan.drop_ins.empty()) {
    const auto read = context.drop_ins.reload();
    if (!read) failed.push_back(read.error().what);
  }
  return failed;
}

}  // namespace bezalel::app
