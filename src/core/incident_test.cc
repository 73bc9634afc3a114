#include "core/incident.h"

#include "base/sha256.h"
#include "core/job_fixtures.h"

using namespace bezalel;
using namespace bezalel::core;
using namespace bezalel::core::fixtures;

namespace {

const Timestamp kNow = at("2026-11-24 03:15");

IncidentKey job_key(const std::string& name) {
  return IncidentKey::of(JobKey{0, name});
}

Observation bad(const IncidentKey& key, const std::string& verdict = "stale",
                Severity severity = Severity::p1) {
  return {key, severity, verdict, "because", kNow - 1h, std::nullopt};
}

Observation bad_since_of(const IncidentKey& key, const IncidentKey& cause) {
  Observation seen = bad(key);
  seen.explained_by = cause;
  return seen;
}

OpenIncident open_of(const IncidentKey& key) {
  OpenIncident incident;
  incident.id = 7;
  incident.key = key;
  incident.verdict = "stale";
  incident.cause = "because";
  incident.since = kNow - 3h;
  incident.opened = kNow - 2h;
  incident.last_told = kNow;
  return incident;
}

Sight sees(std::vector<Observation> observations) {
  Sight sight;
  sight.bad = std::move(observations);
  return sight;
}

Sight sees_well(const IncidentKey& key) {
  Sight sight;
  sight.well.insert(key);
  return sight;
}

template <class T>
const T& only(const std::vector<Transition>& all) {
  REQUIRE(all.size() == 1);
  REQUIRE(std::holds_alternative<T>(all[0]));
  return std::get<T>(all[0]);
}

const IncidentKey kBackup = job_key("db_backup");
const IncidentKey kWatch = job_key("nightly_watch");
const IncidentKey kCron = IncidentKey::of_finding("cron-dead", "host");

}  // namespace

TEST_CASE(
    "what is bad opens, what is open and bad stays, what is well closes") {
  const Policy policy;
  const auto opened = reconcile({}, sees({bad(kBackup)}), policy, kNow);
  CHECK(only<Opened>(opened).observation.key == kBackup);
  CHECK(reconcile({open_of(kBackup)}, sees({bad(kBackup)}), policy, kNow)
            .empty());
  const auto closed =
      reconcile({open_of(kBackup)}, sees_well(kBackup), policy, kNow);
  CHECK(only<Closed>(closed).reason == CloseReason::well_again);
  CHECK(only<Closed>(closed).incident.id == 7);
  CHECK(reconcile({}, sees_well(kBackup), policy, kNow).empty());
}

TEST_CASE("what was out of sight stays open, and is not reminded of") {
  OpenIncident incident = open_of(kBackup);
  incident.last_told = kNow - 900h;
  CHECK(reconcile({incident}, {}, Policy(), kNow).empty());
}

TEST_CASE("a finding closes when its source was seen without it") {
  Sight sight;
  sight.sources_seen.insert("/etc/crontab");
  CHECK(reconcile({open_of(kCron)}, sight, Policy(), kNow).empty());
  sight.sources_seen.insert("host");
  const auto closed = reconcile({open_of(kCron)}, sight, Policy(), kNow);
  CHECK(only<Closed>(closed).reason == CloseReason::well_again);
  // A job has no source.
  sight.sources_seen.insert("");
  CHECK(reconcile({open_of(kBackup)}, sight, Policy(), kNow).empty());
}

TEST_CASE("another verdict or severity is a change of the same incident") {
  const auto verdict = reconcile(
      {open_of(kBackup)}, sees({bad(kBackup, "failed")}), Policy(), kNow);
  CHECK(only<Changed>(verdict).incident.id == 7);
  CHECK(only<Changed>(verdict).observation.verdict == "failed");
  const auto severity =
      reconcile({open_of(kBackup)}, sees({bad(kBackup, "stale", Severity::p2)}),
                Policy(), kNow);
  CHECK(only<Changed>(severity).observation.severity == Severity::p2);
}

TEST_CASE("another cause or another since alone is no change") {
  Observation seen = bad(kBackup);
  seen.cause = "exit 2, 5 runs in a row";
  seen.since = kNow;
  CHECK(reconcile({open_of(kBackup)}, sees({seen}), Policy(), kNow).empty());
}

TEST_CASE("reminders come after 1 h, 4 h, and then every 24 h") {
  const Policy policy;
  OpenIncident incident = open_of(kBackup);
  const Sight sight = sees({bad(kBackup)});
  struct Row {
    int reminders;
    Duration wait;
  };
  for (const Row& row :
       {Row{0, 1h}, Row{1, 4h}, Row{2, 24h}, Row{3, 24h}, Row{40, 24h}}) {
    incident.reminders = row.reminders;
    CHECK(
        reconcile({incident}, sight, policy, kNow + row.wait - kTick).empty());
    const auto all = reconcile({incident}, sight, policy, kNow + row.wait);
    const auto after =
        outcome_of(Transition(only<Reminded>(all)), kNow + row.wait);
    CHECK(after->reminders == row.reminders + 1);
    CHECK(after->last_told == kNow + row.wait);
  }
}

TEST_CASE("another cause is told where it is another fault, else not") {
  const OpenIncident incident = open_of(kBackup);
  const Timestamp soon = incident.last_told + 1min;
  Observation seen = bad(kBackup, incident.verdict, incident.severity);
  seen.cause = incident.cause + ", and older";
  CHECK(reconcile({incident}, sees({seen}), Policy(), soon).empty());
  seen.cause_tells_apart = true;
  CHECK(only<Changed>(reconcile({incident}, sees({seen}), Policy(), soon))
            .observation.cause == seen.cause);
  seen.cause = incident.cause;
  CHECK(reconcile({incident}, sees({seen}), Policy(), soon).empty());
}

TEST_CASE("what a finding says is kept as it is now, without a notice") {
  const OpenIncident incident = open_of(kCron);
  const Timestamp soon = incident.last_told + 1min;
  Observation seen = bad(kCron, incident.verdict, incident.severity);
  CHECK(reconcile({incident}, sees({seen}), Policy(), soon).empty());
  seen.cause = "8 jobs";
  const auto all = reconcile({incident}, sees({seen}), Policy(), soon);
  const auto kept = outcome_of(Transition(only<Held>(all)), soon);
  REQUIRE(kept);
  CHECK(kept->cause == "8 jobs");
  CHECK(kept->last_told == incident.last_told);
}

TEST_CASE("an acked incident is told of changes, and not reminded of") {
  OpenIncident incident = open_of(kBackup);
  incident.acked = kNow;
  const Timestamp later_on = kNow + 900h;
  CHECK(
      reconcile({incident}, sees({bad(kBackup)}), Policy(), later_on).empty());
  const auto changed =
      reconcile({incident}, sees({bad(kBackup, "failed")}), Policy(), later_on);
  CHECK(only<Changed>(changed).incident.acked == incident.acked);
  const auto closed =
      reconcile({incident}, sees_well(kBackup), Policy(), later_on);
  CHECK(only<Closed>(closed).reason == CloseReason::well_again);
}

TEST_CASE("no reminders are sent where none are wanted") {
  Policy policy;
  policy.reminders.clear();
  const Sight sight = sees({bad(kBackup)});
  CHECK(reconcile({open_of(kBackup)}, sight, policy, kNow + 900h).empty());
  policy.reminders = {Duration::zero()};
  CHECK(reconcile({open_of(kBackup)}, sight, policy, kNow + 900h).empty());
  // Reports tell of a P3, as long as it lasts.
  OpenIncident minor = open_of(kBackup);
  Observation seen = bad(kBackup);
  minor.severity = seen.severity = Severity::p3;
  CHECK(reconcile({minor}, sees({seen}), Policy(), kNow + 900h).empty());
}

TEST_CASE("a clock put back by years does not silence reminders") {
  const Sight sight = sees({bad(kBackup)});
  CHECK(reconcile({open_of(kBackup)}, sight, Policy(), kNow - 5min).empty());
  const Timestamp back = kNow - 24h * 365;
  const auto all = reconcile({open_of(kBackup)}, sight, Policy(), back);
  CHECK(outcome_of(Transition(only<Reminded>(all)), back)->last_told == back);
}

TEST_CASE("closing waits for the hold, and a bad look starts it anew") {
  Policy policy;
  policy.close_hold = 10min;
  OpenIncident incident = open_of(kBackup);
  auto all = reconcile({incident}, sees_well(kBackup), policy, kNow);
  CHECK(only<Held>(all).well_since == std::optional<Timestamp>(kNow));
  incident = *outcome_of(all[0], kNow);
  CHECK(reconcile({incident}, sees_well(kBackup), policy, kNow + 9min).empty());
  // Bad again: the stretch is forgotten, the incident is the same.
  all = reconcile({incident}, sees({bad(kBackup)}), policy, kNow + 9min);
  CHECK(only<Held>(all).well_since == std::nullopt);
  CHECK(!outcome_of(all[0], kNow + 9min)->well_since);
  // Well to the end.
  all = reconcile({incident}, sees_well(kBackup), policy, kNow + 10min);
  CHECK(only<Closed>(all).reason == CloseReason::well_again);
}

TEST_CASE("the hold counts from the success, where one is known") {
  Policy policy;
  policy.close_hold = 10min;
  const OpenIncident incident = open_of(kBackup);
  Sight sight = sees_well(kBackup);
  sight.successes[kBackup] = kNow - 4min;
  auto all = reconcile({incident}, sight, policy, kNow);
  CHECK(only<Held>(all).well_since == std::optional<Timestamp>(kNow - 4min));
  sight.successes[kBackup] = kNow - 10min;
  all = reconcile({incident}, sight, policy, kNow);
  CHECK(only<Closed>(all).reason == CloseReason::well_again);
  // Not from one before the incident, nor from one to come.
  for (const Timestamp other : {incident.since, kNow + 1min}) {
    sight.successes[kBackup] = other;
    all = reconcile({incident}, sight, policy, kNow);
    CHECK(only<Held>(all).well_since == std::optional<Timestamp>(kNow));
  }
}

TEST_CASE("a change ends the well stretch with it") {
  Policy policy;
  policy.close_hold = 10min;
  OpenIncident incident = open_of(kBackup);
  incident.well_since = kNow;
  const auto all = reconcile({incident}, sees({bad(kBackup, "failed")}), policy,
                             kNow + 1min);
  REQUIRE(all.size() == 2);
  CHECK(std::holds_alternative<Held>(all[0]));
  CHECK(!std::get<Changed>(all[1]).incident.well_since);
}

TEST_CASE("a well stretch from the future begins anew") {
  Policy policy;
  policy.close_hold = 10min;
  OpenIncident incident = open_of(kBackup);
  incident.well_since = kNow + 900h;
  const auto all = reconcile({incident}, sees_well(kBackup), policy, kNow);
  CHECK(only<Held>(all).well_since == std::optional<Timestamp>(kNow));
}

TEST_CASE("a retired job closes, bad or not, and opens nothing") {
  Sight sight = sees({bad(kBackup)});
  sight.retired.insert(kBackup);
  const auto all = reconcile({open_of(kBackup)}, sight, Policy(), kNow);
  CHECK(only<Closed>(all).reason == CloseReason::retired);
  CHECK(reconcile({}, sight, Policy(), kNow).empty());
  // At once: the hold is for what may come back.
  Policy policy;
  policy.close_hold = 24h;
  CHECK(reconcile({open_of(kBackup)}, sight, policy, kNow).size() == 1);
}

TEST_CASE("bad outweighs well, and of several the worst counts") {
  Sight sight = sees({bad(kBackup, "vanished", Severity::p2), bad(kBackup),
                      bad(kBackup, "undeclared", Severity::p2)});
  sight.well.insert(kBackup);
  const auto all = reconcile({}, sight, Policy(), kNow);
  CHECK(only<Opened>(all).observation.verdict == "stale");
}

TEST_CASE("one cause opens, and what it explains does not") {
  const Sight sight =
      sees({bad_since_of(kBackup, kCron), bad(kCron, "cron-dead"),
            bad_since_of(kWatch, kCron)});
  const auto all = reconcile({}, sight, Policy(), kNow);
  CHECK(only<Opened>(all).observation.key == kCron);
}

TEST_CASE("what was open closes into the cause that explains it") {
  const Sight sight =
      sees({bad_since_of(kBackup, kCron), bad(kCron, "cron-dead")});
  const auto all = reconcile({open_of(kBackup)}, sight, Policy(), kNow);
  REQUIRE(all.size() == 2);
  CHECK(std::get<Closed>(all[0]).reason == CloseReason::explained);
  CHECK(std::get<Opened>(all[1]).observation.key == kCron);
}

TEST_CASE("an explanation that is not there explains nothing") {
  const Sight sight = sees({bad_since_of(kBackup, kCron)});
  CHECK(only<Opened>(reconcile({}, sight, Policy(), kNow)).observation.key ==
        kBackup);
  // Open, though out of sight: it still explains.
  CHECK(reconcile({open_of(kCron)}, sight, Policy(), kNow).empty());
  // Well again in this very cycle: it explains no longer.
  Sight over = sight;
  over.sources_seen.insert("host");
  const auto all = reconcile({open_of(kCron)}, over, Policy(), kNow);
  REQUIRE(all.size() == 2);
  CHECK(std::get<Closed>(all[0]).incident.key == kCron);
  CHECK(std::get<Opened>(all[1]).observation.key == kBackup);
  // Retired: likewise.
  Sight gone = sight;
  gone.retired.insert(kCron);
  CHECK(reconcile({}, gone, Policy(), kNow).size() == 1);
}

TEST_CASE("a chain of causes ends in one incident, a circle in all") {
  const IncidentKey disk = IncidentKey::of_finding("disk-full", "host");
  Observation cron = bad_since_of(kCron, disk);
  Sight chain =
      sees({bad_since_of(kBackup, kCron), cron, bad(disk, "disk-full")});
  CHECK(only<Opened>(reconcile({}, chain, Policy(), kNow)).observation.key ==
        disk);
  const Sight circle =
      sees({bad_since_of(kBackup, kWatch), bad_since_of(kWatch, kBackup)});
  CHECK(reconcile({}, circle, Policy(), kNow).size() == 2);
  const Sight itself = sees({bad_since_of(kBackup, kBackup)});
  CHECK(reconcile({}, itself, Policy(), kNow).size() == 1);
}

TEST_CASE("closes come first, then changes, then opens, the worst first") {
  const IncidentKey a = job_key("a"), b = job_key("b"), c = job_key("c"),
                    d = job_key("d"), e = job_key("e"), f = job_key("f");
  Sight sight = sees({bad(f), bad(e, "vanished", Severity::p2), bad(d),
                      bad(c, "failed"), bad(b, "hung")});
  sight.well = {a};
  const auto all =
      reconcile({open_of(c), open_of(b), open_of(a)}, sight, Policy(), kNow);
  REQUIRE(all.size() == 6);
  CHECK(std::get<Closed>(all[0]).incident.key == a);
  CHECK(std::get<Changed>(all[1]).incident.key == b);
  CHECK(std::get<Changed>(all[2]).incident.key == c);
  CHECK(std::get<Opened>(all[3]).observation.key == d);
  CHECK(std::get<Opened>(all[4]).observation.key == f);
  CHECK(std::get<Opened>(all[5]).observation.key == e);
}

TEST_CASE("jobs of one name and two users are two incidents") {
  const Sight sight =
      sees({bad(IncidentKey::of({0, "x"})), bad(IncidentKey::of({1000, "x"})),
            bad(IncidentKey::of_finding("x", ""))});
  CHECK(reconcile({}, sight, Policy(), kNow).size() == 3);
}

TEST_CASE("what an opening makes of an incident is all that is known") {
  const auto made = outcome_of(Opened{bad(kBackup, "hung")}, kNow);
  REQUIRE(made.has_value());
  CHECK(made->key == kBackup);
  CHECK(made->verdict == "hung");
  CHECK(made->cause == "because");
  CHECK(made->since == kNow - 1h);
  CHECK(made->opened == kNow);
  CHECK(made->last_told == kNow);
  CHECK(made->reminders == 0);
  CHECK(!made->acked);
  const Closed closed{open_of(kBackup), CloseReason::well_again};
  CHECK(!outcome_of(closed, kNow));
}

TEST_CASE("a change keeps when it all began, and how often was reminded") {
  OpenIncident incident = open_of(kBackup);
  incident.reminders = 2;
  const auto made =
      outcome_of(Changed{incident, bad(kBackup, "failed")}, kNow + 1h);
  CHECK(made->since == incident.since);
  CHECK(made->opened == incident.opened);
  CHECK(made->verdict == "failed");
  CHECK(made->reminders == 2);
  CHECK(made->last_told == kNow + 1h);
}

TEST_CASE("a marker names host, uid and job by 32 hexadecimal digits") {
  using namespace std::string_view_literals;
  const IncidentKey key = IncidentKey::of({1000, "db_backup"});
  const std::string marker = marker_key("db7", key);
  CHECK(marker == to_hex(sha256("db7\0"
                                "1000\0"
                                "db_backup"sv))
                      .substr(0, 32));
  CHECK(marker_key("db7", kCron) ==
        to_hex(sha256("db7\0-\0cron-dead\0host"sv)).substr(0, 32));
  CHECK(marker_key("db8", key) != marker);
  CHECK(marker_key("db7", key, "ann") != marker);
  CHECK(marker_key("db7", key, "ann") != marker_key("db7", key, "bob"));
  CHECK(marker_key("db7", IncidentKey::of({0, "db_backup"})) != marker);
}
