#include "report/simulate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "record/job_name.h"
#include "record/redact.h"

namespace bezalel::report {
namespace {

std::string row(std::string_view name, std::string_view value) {
  return fmt::format("  {:<10} {}\n", name, value);
}

std::string name_of(const Simulated& job) {
  return escape_line(job.name) + " of " + escape_line(job.user);
}

// A line that calls `bezalel run` itself says the same to it as ever.
bool records_itself(const app::Launch& launch) {
  return record::job_name(launch.command).own.has_value();
}

// What systemd itself could not do before the program began; systemd.exec(5).
std::string trouble_of(int status) {
  switch (status) {
    case 200:
      return "its WorkingDirectory= is not there";
    case 203:
      return "the program of ExecStart= is not there, or cannot be executed";
    case 216:
      return "there is no such group as its Group=";
    case 217:
      return "there is no such user as its User=";
    case 226:
      return "a path of its sandbox is not there";
    default:
      return {};
  }
}

bool is_of_user(const SimulatedUnit& unit) {
  return unit.timer.find(" of ") != std::string::npos;
}

}  // namespace

std::string launch_text(const Simulated& job, const app::Launch& launch) {
  std::string out = fmt::format("{}, as {} starts it\n\n", name_of(job),
                                escape_line(launch.source));
  out += row("shell", escape_line(launch.shell) + " -c");
  out += row("command", escape_line(job.command));
  out += row("user", fmt::format("{} ({})", escape_line(launch.user.name),
                                 launch.user.uid));
  out += row("directory", escape_line(launch.directory));
  out += row("input", launch.input.empty()
                          ? "none"
                          : fmt::format("{} bytes", launch.input.size()));
  if (!launch.started_by.empty()) {
    out += row("anacron", "started by " + escape_line(launch.started_by));
  }
  if (records_itself(launch)) {
    out += row("records", "its own line records the run");
  } else if (!launch.recorder.empty()) {
    out += row("records",
               "nothing: " + escape_line(launch.recorder) + " is passed over");
  }
  out += "\nenvironment\n";
  for (const auto& [name, value] : launch.environment) {
    out += "  " +
           escape_line(record::redact(fmt::format("{}={}", name, value))) +
           "\n";
  }
  return out + "\nnext: bezalel simulate " + escape_line(job.user) + "/" +
         escape_line(job.name) + "\n";
}

std::string launch_line(const Simulated& job, const app::Launch& launch) {
  return fmt::format("bezalel: {}, as {} starts it; {}\n", name_of(job),
                     escape_line(launch.source),
                     records_itself(launch)
                         ? "its own line records this run, too"
                         : "nothing is recorded");
}

std::string end_text(const app::Launch& launch, const Ended& ended) {
  std::string out =
      ended.status > 128
          ? fmt::format("bezalel: ended by signal {}\n", ended.status - 128)
          : fmt::format("bezalel: exit {}\n", ended.status);
  if (ended.status != 127 || ended.program.empty() || ended.held) return out;
  const std::string program = escape_line(ended.program);
  const std::string path = escape_line(launch.variable("PATH"));
  const char* whose = launch.started_by.empty() ? "cron" : "anacron";
  if (ended.elsewhere.empty()) {
    return out + fmt::format(
                     "bezalel: {} is nowhere in {}'s PATH ({}), nor in the "
                     "usual places\n",
                     program, whose, path);
  }
  const std::string found = escape_line(ended.elsewhere);
  out += fmt::format(
      "bezalel: {} is {}, which {}'s PATH ({}) does not hold; write the "
      "whole path",
      program, found, whose, path);
  if (launch.reads_path) {
    out += fmt::format(", or a line PATH={}:{} above the job",
                       found.substr(0, found.rfind('/')), path);
  }
  return out + "\n";
}

std::string unit_text(const SimulatedUnit& unit, const app::UnitFacts& facts,
                      const std::string& environment) {
  std::string out = fmt::format("{}, as {} has systemd start it\n\n",
                                name_of(unit.job), escape_line(unit.timer));
  out += row("unit", escape_line(unit.job.command));
  out += row("shell", "none: systemd starts the program itself");
  for (const std::string& command : facts.commands) {
    out += row("command", escape_line(record::redact(command)));
  }
  out += row("user", !facts.user.empty() ? escape_line(facts.user)
                     : is_of_user(unit)  ? escape_line(unit.job.user)
                                         : "root");
  out +=
      row("directory", !facts.directory.empty() ? escape_line(facts.directory)
                       : is_of_user(unit)       ? "the home of its user"
                                                : "/");
  for (const std::string& file : facts.files) {
    out += row("file", escape_line(file));
  }
  out += "\nenvironment\n";
  std::string_view rest = environment;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    out += "  " + escape_line(record::redact(line)) + "\n";
  }
  if (!facts.environment.empty()) {
    out += "  " + escape_line(record::redact(facts.environment)) + "\n";
  }
  return out + "\nnext: bezalel simulate " + escape_line(unit.job.user) + "/" +
         escape_line(unit.job.name) + " --start\n";
}

std::string unit_line(const SimulatedUnit& unit) {
  return fmt::format("bezalel: {}, started by systemd; it counts as a run\n",
                     escape_line(unit.job.command));
}

std::string unit_end_text(const SimulatedUnit& unit,
                          const app::UnitFacts& facts) {
  const std::string name = escape_line(unit.job.command);
  if (!facts.condition_ok) {
    return fmt::format(
        "bezalel: not started: a condition of {} does not hold\n", name);
  }
  std::string out =
      facts.code > 1
          ? fmt::format("bezalel: ended by signal {}\n", facts.status)
          : fmt::format("bezalel: exit {}\n", facts.status);
  const std::string trouble = facts.code == 1 ? trouble_of(facts.status) : "";
  if (!trouble.empty()) {
    out += fmt::format("bezalel: systemd could not start it: {}\n", trouble);
  } else if (facts.result != "success") {
    out += fmt::format("bezalel: {} failed: {}\n", name,
                       escape_line(facts.result, 40));
  }
  return out + fmt::format("next: journalctl {}{}\n",
                           is_of_user(unit) ? "--user -u " : "-u ",
                           shell_quote(name));
}

}  // namespace bezalel::report
