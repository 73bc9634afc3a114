#include "report/simulate.h"

#include <fmt/format.h>

#include "base/escape.h"
#include "record/redact.h"

namespace bezalel::report {
namespace {

std::string row(std::string_view name, std::string_view value) {
  return fmt::format("  {:<10} {}\n", name, value);
}

std::string name_of(const Simulated& job) {
  return escape_line(job.name) + " of " + escape_line(job.user);
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
  if (!launch.recorder.empty()) {
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
  return fmt::format("bezalel: {}, as {} starts it; nothing is recorded\n",
                     name_of(job), escape_line(launch.source));
}

std::string end_text(const app::Launch& launch, const Ended& ended) {
  std::string out =
      ended.status > 128
          ? fmt::format("bezalel: ended by signal {}\n", ended.status - 128)
          : fmt::format("bezalel: exit {}\n", ended.status);
  if (ended.status != 127 || ended.program.empty() || ended.held) return out;
  const std::string program = escape_line(ended.program);
  const std::string path = escape_line(launch.variable("PATH"));
  if (ended.elsewhere.empty()) {
    return out + fmt::format(
                     "bezalel: {} is nowhere in cron's PATH ({}), nor in the "
                     "usual places\n",
                     program, path);
  }
  const std::string found = escape_line(ended.elsewhere);
  return out + fmt::format(
                   "bezalel: {} is {}, which cron's PATH ({}) does not hold; "
                   "write the whole path, or a line PATH={}:{} above the job\n",
                   program, found, path, found.substr(0, found.rfind('/')),
                   path);
}

}  // namespace bezalel::report
