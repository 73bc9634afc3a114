// The settings as the use cases see them; src/settings reads them from TOML.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/finding.h"
#include "base/secret.h"
#include "core/job.h"

namespace bezalel::app {

enum class OutputPolicy { notice, local, none };

// An action of a check may take so long; its unit waits for twice that.
constexpr Duration kLongestAction = std::chrono::minutes(5);

// { restart = "x.service" } or { run = ["/abs", ...], user = "..." }
struct Action {
  std::string restart;           // unit, or empty
  std::vector<std::string> run;  // argv, or empty
  std::string user;
  Duration timeout = std::chrono::minutes(1);
  int limit_count = 3;  // limit = "3/6h"
  Duration limit_window = std::chrono::hours(6);
};

struct DeclaredJob {
  std::string name;
  std::string user;  // as written; empty: the default user
  std::uint32_t uid = 0;
  std::optional<core::Expectation> expectation;
  double factor = 2.0;
  std::optional<int> confirm;
  std::optional<core::Severity> severity;
  std::vector<std::string> tags;
  OutputPolicy output = OutputPolicy::notice;
  std::optional<Action> on_stale;
  std::optional<Action> on_failed;
  Timestamp file_mtime;
  std::string where;  // "/etc/bezalel/jobs.d/db.toml:3"
  // Actions that are written there and do not count: by key, and why.
  std::vector<std::pair<std::string, std::string>> refused_actions;
};

// One [channel.NAME]; which fields count depends on `type`.
struct ChannelSettings {
  std::string name;
  std::string type;  // gitea forgejo pagerduty ntfy webhook smtp exec local
  std::string url;
  std::string repo;  // gitea
  std::vector<std::string> assignees;
  Secret token;                   // token_file: gitea, ntfy, webhook secret
  std::string token_file;         // where that is, or should be
  Secret password;                // password_file: smtp
  std::string username;           // smtp
  Secret routing_key;             // pagerduty: routing_key_file
  std::string topic;              // ntfy
  std::string from;               // smtp
  std::vector<std::string> to;    // smtp
  std::string tls;                // smtp: "starttls" (default) "tls" "none"
  std::vector<std::string> argv;  // exec
  std::string ca_file;
  bool insecure = false;
  std::string proxy;
  Duration timeout = std::chrono::seconds(15);
  std::vector<std::string> allow_private;  // networks a URL may resolve to; ..
  std::string where;
  // Its secrets that could not be read; it may have to do without.
  std::vector<Finding> unread;
};

// An issue and a page are of one trouble each; a report is not.
inline bool takes_reports(const ChannelSettings& channel) {
  return channel.type != "gitea" && channel.type != "forgejo" &&
         channel.type != "pagerduty";
}

// Sent by `report --send`, which leaves a heartbeat of its own: expected as
// soon as [report] to names anybody.
inline constexpr char kReportJob[] = "bezalel-report";
inline constexpr Duration kReportEvery = std::chrono::hours(24);

struct Settings {
  std::string host;  // [host] name, BEZALEL_HOST or node name
  std::string zone;  // IANA name of the host's zone
  // The user whose own checking this is (core::marker_key); empty: the host's.
  std::string own_of;
  // How this program is called to work on what it works on now: with the
  // --root and --mine of this call. Every command to type begins with it.
  std::string bezalel = "bezalel";
  Duration check_every = std::chrono::minutes(15);  // [check] every
  // What fails, or is not done, for longer than three cycles is told of.
  Duration longest_lapse() const { return 3 * check_every; }
  std::vector<DeclaredJob> jobs;
  // Declared as well, but nobody can say when they are due: told by findings.
  std::vector<core::JobKey> refused_jobs;
  std::vector<ChannelSettings> channels;
  // Files and folders that could not be read, or are no TOML: what they
  // declared is not gone.
  std::vector<std::string> unread;
  // [route]: "default", "P1", "P2", "P3" -> channel names; `local` besides.
  std::map<std::string, std::vector<std::string>> routes;
  // Empty: none, or none that can be pinged; `deadman_wanted` tells the two
  // apart.
  Secret deadman_url;
  bool deadman_wanted = false;
  std::vector<std::string> report_to;
  core::Policy policy;
  // Everything that was wrong and passed over: bad files, bad keys.
  std::vector<Finding> findings;
};

// The table that declares the job; null: none does.
inline const DeclaredJob* declaration_of(const Settings& settings,
                                         const core::JobKey& key) {
  for (const DeclaredJob& job : settings.jobs) {
    if (job.uid == key.uid && job.name == key.job) return &job;
  }
  return nullptr;
}

}  // namespace bezalel::app
