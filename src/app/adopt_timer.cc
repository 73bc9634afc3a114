#include "app/adopt_timer.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "record/job_name.h"

namespace bezalel::app {
namespace {

constexpr std::string_view kAdopted = "# Adopted ";
constexpr std::string_view kUndo = ". Undo: bezalel release --timer ";

// The timer that a drop-in of ours was made for; empty: it is not ours.
std::string timer_of(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  const std::size_t undo = first.find(kUndo);
  if (!first.starts_with(kAdopted) || undo == std::string_view::npos) return {};
  return std::string(first.substr(undo + kUndo.size()));
}

// Without the line that bears a date.
std::string_view settings_of(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? text : text.substr(end + 1);
}

}  // namespace

bool is_timer_name(const std::string& name) {
  constexpr std::string_view kEnd = ".timer";
  constexpr std::string_view kTaken =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-_.\\@";
  return name.size() > kEnd.size() && name.size() < 256 &&
         name.ends_with(kEnd) && name.front() != '-' &&
         name.find_first_not_of(kTaken) == std::string::npos;
}

std::string drop_in_text(const std::string& timer, const std::string& program,
                         const std::string& date) {
  return fmt::format(
      "{}{}{}{}\n"
      "# If bezalel is gone, this file does nothing, and may be deleted.\n"
      "[Service]\n"
      "ExecStopPost=-+{} beat {} --unit\n",
      kAdopted, date, kUndo, timer, program,
      record::unit_job_name(timer).str());
}

Result<DropInEdit> adopt_timer(DropIns& drop_ins, const std::string& timer,
                               const std::string& program,
                               const std::string& date) {
  DropInEdit edit;
  BZ_ASSIGN(edit.unit, drop_ins.find(timer));
  BZ_ASSIGN(edit.before, drop_ins.read(edit.unit));
  edit.after = drop_in_text(timer, program, date);
  if (edit.before.empty()) return edit;
  const std::string owner = timer_of(edit.before);
  if (owner != timer) {
    return err(Kind::conflict,
               escape_line(edit.unit.path) +
                   (owner.empty() ? ": expected no file of another hand"
                                  : ": is there for " + escape_line(owner) +
                                        ", which starts the same service"));
  }
  if (settings_of(edit.before) == settings_of(edit.after)) {
    edit.after = edit.before;
  }
  return edit;
}

Result<std::vector<DropInEdit>> release_timers(DropIns& drop_ins,
                                               const std::string& timer) {
  std::vector<DropInEdit> edits;
  for (TimerUnit& unit : drop_ins.present()) {
    BZ_ASSIGN(std::string text, drop_ins.read(unit));
    unit.timer = timer_of(text);
    if (unit.timer.empty() || (!timer.empty() && unit.timer != timer)) continue;
    edits.push_back({std::move(unit), std::move(text), {}});
  }
  return edits;
}

}  // namespace bezalel::app
