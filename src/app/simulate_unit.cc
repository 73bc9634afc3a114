#include "app/simulate_unit.h"

#include <algorithm>
#include <charconv>

#include "crontab/shell_text.h"

namespace bezalel::app {
namespace {

constexpr std::string_view kBehindFile = " (ignore_errors=";

int number_of(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "{ path=/bin/x ; argv[]=/bin/x a b ; ignore_errors=no ; .. }"
std::string command_of(std::string_view shown) {
  constexpr std::string_view kBegin = "argv[]=";
  constexpr std::string_view kEnd = " ; ignore_errors=";
  const std::size_t begin = shown.find(kBegin);
  if (begin == std::string_view::npos) return {};
  shown.remove_prefix(begin + kBegin.size());
  return std::string(shown.substr(0, shown.find(kEnd)));
}

}  // namespace

std::string_view unit_properties() {
  return "LoadState,ActiveState,Type,ExecStart,User,WorkingDirectory,"
         "Environment,EnvironmentFiles,RemainAfterExit,ConditionResult,"
         "AssertResult,ConditionTimestampMonotonic,Result,ExecMainCode,"
         "ExecMainStatus";
}

UnitFacts read_unit(std::string_view shown) {
  UnitFacts unit;
  bool condition = true;
  bool asked = false;
  while (!shown.empty()) {
    const std::string_view line = shown.substr(0, shown.find('\n'));
    shown.remove_prefix(std::min(shown.size(), line.size() + 1));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    if (name == "LoadState") unit.load_state = value;
    if (name == "ActiveState") unit.active_state = value;
    if (name == "Type") unit.type = value;
    if (name == "ExecStart") {
      std::string command = command_of(value);
      if (!command.empty()) unit.commands.push_back(std::move(command));
    }
    if (name == "User") unit.user = value;
    if (name == "WorkingDirectory") unit.directory = value;
    if (name == "Environment") unit.environment = value;
    if (name == "EnvironmentFiles") {
      unit.files.emplace_back(value.substr(0, value.rfind(kBehindFile)));
    }
    if (name == "RemainAfterExit") unit.remains = value == "yes";
    if (name == "ConditionResult" || name == "AssertResult") {
      condition = condition && value != "no";
    }
    if (name == "ConditionTimestampMonotonic") asked = value != "0";
    if (name == "Result") unit.result = value;
    if (name == "ExecMainCode") unit.code = number_of(value);
    if (name == "ExecMainStatus") unit.status = number_of(value);
  }
  unit.condition_ok = condition || !asked;
  return unit;
}

Variables environment_of(const UnitFacts& unit) {
  Variables out;
  // To a shell what is in quotes as a whole is a word, the rest assigns.
  for (const auto& part : crontab::read_shell(unit.environment).commands) {
    for (const auto* given : {&part.assignments, &part.words}) {
      for (const crontab::ShellWord& word : *given) {
        const std::size_t equals = word.text.find('=');
        if (equals == std::string::npos) continue;
        out.emplace_back(word.text.substr(0, equals),
                         word.text.substr(equals + 1));
      }
    }
  }
  return out;
}

int exit_status_of(const UnitFacts& unit) {
  if (!unit.condition_ok) return 1;
  if (unit.code > 1) return 128 + unit.status;
  if (unit.status == 0 && unit.result != "success") return 1;
  return unit.status;
}

}  // namespace bezalel::app
