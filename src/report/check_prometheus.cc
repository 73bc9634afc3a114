#include <fmt/format.h>

#include <functional>
#include <set>

#include "base/escape.h"
#include "report/check.h"
#include "report/words.h"

namespace bezalel::report {
namespace {

using app::HostView;
using app::JobView;
using app::Rank;

// As on every screen; the backslashes of that are escaped once more.
std::string label(std::string_view text) {
  std::string out;
  for (const char c : escape_line(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

// {job="..",user=".."} of each job. Two series of one name would cost the
// whole page: a second user of the same name is told apart by its number.
std::vector<std::string> labels_of(const HostView& host) {
  std::set<std::pair<std::string, std::string>> taken;
  std::vector<std::string> all;
  for (const JobView& j : host.jobs) {
    std::string user = j.user;
    while (!taken.insert({j.key.job, user}).second) {
      user += fmt::format("#{}", j.key.uid);
    }
    all.push_back(fmt::format("{{job=\"{}\",user=\"{}\"}}", label(j.key.job),
                              label(user)));
  }
  return all;
}

int status_value(const JobView& job) {
  switch (app::rank_of(job)) {
    case Rank::p1:
      return 3;
    case Rank::p2:
      return 2;
    case Rank::p3:
    case Rank::waiting:
      return 1;
    case Rank::well:
      return 0;
    case Rank::quiet:
      return -1;
  }
  return 3;
}

class Page {
 public:
  explicit Page(const HostView& host) : host_(host), labels_(labels_of(host)) {}

  using Value = std::function<std::optional<std::string>(const JobView&)>;

  // A metric of every job that has a value for it.
  void jobs(std::string_view name, std::string_view help, const Value& value) {
    head(name, help);
    for (std::size_t i = 0; i < host_.jobs.size(); ++i) {
      if (const auto v = value(host_.jobs[i])) {
        out_ += fmt::format("{}{} {}\n", name, labels_[i], *v);
      }
    }
  }

  void host(std::string_view name, std::string_view help, std::string value) {
    head(name, help);
    out_ += fmt::format("{} {}\n", name, value);
  }

  std::string take() { return std::move(out_); }

 private:
  void head(std::string_view name, std::string_view help) {
    out_ += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
  }

  const HostView& host_;
  const std::vector<std::string> labels_;
  std::string out_;
};

std::optional<std::string> unix_of(const std::optional<Timestamp>& t) {
  if (!t) return std::nullopt;
  return format_unix(*t);
}

}  // namespace

std::string check_prometheus(const HostView& host) {
  Page page(host);
  page.jobs("bezalel_job_status",
            "0 well, 1 late or P3, 2 P2, 3 P1, -1 silenced or paused",
            [](const JobView& j) { return std::to_string(status_value(j)); });
  page.jobs("bezalel_job_last_success_timestamp_seconds",
            "Unix time of the last success",
            [](const JobView& j) { return unix_of(j.last_success); });
  page.jobs("bezalel_job_interval_seconds", "How often the job should succeed",
            [](const JobView& j) -> std::optional<std::string> {
              if (!j.interval) return std::nullopt;
              return format_seconds(*j.interval);
            });
  page.jobs("bezalel_job_deadline_timestamp_seconds",
            "Unix time at which silence becomes an alarm",
            [](const JobView& j) { return unix_of(j.deadline); });
  page.host("bezalel_jobs", "Jobs known on this host",
            std::to_string(host.counts.of));
  page.host("bezalel_jobs_evaluated", "Jobs that could be judged",
            std::to_string(host.counts.evaluated));
  page.host("bezalel_findings", "Findings about schedules, files and the host",
            std::to_string(host.findings.size()));
  page.host("bezalel_outbox_waiting", "Notices not yet delivered",
            std::to_string(host.outbox_waiting));
  page.host("bezalel_check_exit",
            "0 all well, 1 an alarm, 3 not everything was seen",
            std::to_string(host.exit));
  page.host("bezalel_check_timestamp_seconds", "Unix time of this check",
            format_unix(host.now));
  return page.take();
}

}  // namespace bezalel::report
