#include "app/facts.h"

#include <doctest/doctest.h>

namespace bezalel::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp kNow{seconds(1795608000)};

// A timer that ran an hour ago, for a minute.
struct Timer {
  CoveredJob covered;
  RunRow run;

  Timer() {
    covered.proof = Proof::systemd;
    TimerEvidence e;
    e.last_trigger = kNow - hours(1);
    e.started = kNow - hours(1);
    e.finished = *e.started + minutes(1);
    e.result = "success";
    e.active_state = "inactive";
    covered.job.timer = e;
  }

  TimerEvidence& told() { return *covered.job.timer; }

  // Adopted, too: the record of a run that ended so.
  void recorded(Timestamp end, record::Outcome outcome, int exit_code) {
    run.run_id = "r";
    run.end = record::RunEnd{};
    run.end->run_id = "r";
    run.end->at = end;
    run.end->started = end;
    run.end->outcome = outcome;
    run.end->exit_code = exit_code;
  }

  core::Facts facts() const {
    Evidence evidence;
    evidence.scheduled = &covered;
    if (run.end) evidence.runs.push_back(&run);
    return fold_facts(evidence, {kNow, BootTime(hours(100)), "boot"},
                      [](const auto&) { return core::Life::gone; })
        .facts;
  }
};

}  // namespace

TEST_CASE("what a job said of its end is told without its secrets") {
  record::RunEnd end;
  end.outcome = record::Outcome::fail;
  end.exit_code = 1;
  end.detail = "no login: PASSWORD=hunter2 https://u:sekret@h/x";
  const std::string text = describe_end(end);
  CHECK(text.starts_with("exit 1: no login: PASSWORD="));
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(text.find("sekret") == std::string::npos);
}

TEST_CASE("a beat shows a success and no start") {
  RunRow row;
  row.run_id = "r";
  row.start = record::RunStart{};
  row.start->run_id = "r";
  row.start->at = kNow - hours(1);
  row.end = record::RunEnd{};
  row.end->run_id = "r";
  row.end->at = kNow - hours(1);
  Evidence evidence;
  evidence.runs.push_back(&row);
  const auto facts_of = [&](record::Trigger trigger) {
    row.start->trigger = trigger;
    return fold_facts(evidence, {kNow, BootTime(hours(100)), "boot"},
                      [](const auto&) { return core::Life::gone; })
        .facts;
  };
  const core::Facts beaten = facts_of(record::Trigger::beat);
  CHECK(beaten.last_success == kNow - hours(1));
  CHECK_FALSE(beaten.last_start);
  CHECK_FALSE(beaten.has_runs);
  const core::Facts run = facts_of(record::Trigger::run);
  CHECK(run.last_start == kNow - hours(1));
  CHECK(run.has_runs);
}

TEST_CASE("a line shows that the first run of its job will be recorded") {
  CoveredJob covered;
  Evidence evidence;
  evidence.scheduled = &covered;
  const auto facts_of = [&](record::StartRecord start) {
    covered.job.start_record = start;
    return fold_facts(evidence, {kNow, BootTime(hours(100)), "boot"},
                      [](const auto&) { return core::Life::gone; })
        .facts;
  };
  CHECK_FALSE(facts_of(record::StartRecord::none).has_runs);
  CHECK(facts_of(record::StartRecord::at_once).has_runs);
  CHECK_FALSE(facts_of(record::StartRecord::at_once).starts_late);
  CHECK(facts_of(record::StartRecord::late).has_runs);
  CHECK(facts_of(record::StartRecord::late).starts_late);
  // It was taken over just now, maybe while a run of it is under way.
  SeenHeartbeat file;
  file.beat = Beat{};
  file.beat->at = kNow - hours(20);
  evidence.heartbeat = &file;
  CHECK_FALSE(facts_of(record::StartRecord::at_once).has_runs);
}

TEST_CASE("a service that ended well is a success when it ended") {
  const core::Facts facts = Timer().facts();
  CHECK(facts.last_success == kNow - minutes(59));
  CHECK(facts.last_start == kNow - hours(1));
  CHECK(facts.row.failures == 0);
}

TEST_CASE("a service that failed says how") {
  struct Row {
    const char* result;
    int status;
    const char* shown;
  };
  for (const Row& row :
       {Row{"exit-code", 7, "exit 7"}, Row{"signal", 15, "signal 15 (TERM)"},
        Row{"core-dump", 11, "signal 11 (SEGV)"},
        Row{"oom-kill", 9, "oom-kill (systemd)"}}) {
    Timer timer;
    timer.told().result = row.result;
    timer.told().exit_status = row.status;
    const core::Facts facts = timer.facts();
    CHECK(facts.row.failures == 1);
    CHECK(facts.row.last_detail == row.shown);
    CHECK_FALSE(facts.last_success);
  }
}

TEST_CASE("a service that failed before its command started has failed") {
  Timer timer;
  timer.told().started = timer.told().finished = std::nullopt;
  timer.told().waits_since = kNow - hours(30);
  timer.told().result = "exit-code";
  timer.told().active_state = "failed";
  timer.told().state_since = kNow - minutes(58);
  const core::Facts failed = timer.facts();
  CHECK(failed.row.failures == 1);
  CHECK(failed.row.first_failure == kNow - minutes(58));
  CHECK(failed.row.last_detail ==
        "exit-code (systemd), before its command started");
  CHECK_FALSE(failed.last_start);
  CHECK_FALSE(failed.last_success);
  // A run long ago ended well.
  timer.told().started = timer.told().finished = kNow - hours(25);
  timer.told().result = "resources";
  CHECK(timer.facts().row.first_failure == kNow - minutes(58));
  CHECK_FALSE(timer.facts().last_success);
  // Its own record told of it.
  timer.told().started = timer.told().finished = std::nullopt;
  timer.recorded(kNow - minutes(58), record::Outcome::fail, -1);
  CHECK(timer.facts().row.failures == 1);
}

TEST_CASE("a failure that is tried again at once is one, start or no start") {
  Timer timer;
  timer.told().started = timer.told().finished = std::nullopt;
  timer.told().result = "resources";
  timer.told().active_state = "activating";
  CHECK(timer.facts().row.failures == 1);
  CHECK(timer.facts().row.first_failure == kNow - hours(1));
  // And until its command runs, an older end is no success.
  timer.told().result = "success";
  timer.told().finished = kNow - hours(25);
  CHECK(timer.facts().row.failures == 0);
  CHECK_FALSE(timer.facts().last_success);
}

TEST_CASE("that a timer elapsed is a start where nothing better is known") {
  Timer timer;
  timer.told().started = timer.told().finished = std::nullopt;
  const auto trigger = timer.told().last_trigger;
  CHECK(timer.facts().last_start == trigger);
  // In an earlier life: its service may have run then.
  timer.told().waits_since = kNow - minutes(30);
  CHECK(timer.facts().last_start == trigger);
  // In this one, and its service was not even tried.
  timer.told().waits_since = kNow - hours(30);
  CHECK_FALSE(timer.facts().last_start);
  timer.told().condition_ok = false;
  CHECK(timer.facts().last_start == trigger);
  timer.told().condition_ok = true;
  timer.told().active_state = "active";
  CHECK(timer.facts().last_start == trigger);
}

TEST_CASE("without the wrapper, how the last runs went is of no account") {
  CoveredJob covered;
  RunRow failed;
  failed.run_id = "r1";
  failed.end = record::RunEnd{};
  failed.end->at = kNow - hours(3);
  failed.end->outcome = record::Outcome::fail;
  failed.end->exit_code = 1;
  RunRow lost;
  lost.run_id = "r2";
  lost.start = record::RunStart{};
  lost.start->at = kNow - hours(2);
  const auto facts = [&](core::Life life) {
    Evidence evidence;
    evidence.scheduled = &covered;
    evidence.runs = {&failed, &lost};
    return fold_facts(evidence, {kNow, BootTime(hours(100)), "boot"},
                      [life](const auto&) { return life; })
        .facts;
  };
  CHECK(facts(core::Life::gone).row.failures == 1);
  CHECK(facts(core::Life::gone).open_runs.size() == 1);
  covered.proof_is_old = true;
  CHECK(facts(core::Life::gone).row.failures == 0);
  CHECK(facts(core::Life::gone).open_runs.empty());
  // One that is still at work was started with it.
  CHECK(facts(core::Life::alive).open_runs.size() == 1);
}

TEST_CASE("what an ExecCondition held back has not failed") {
  Timer timer;
  timer.told().result = "exec-condition";
  CHECK(timer.facts().row.failures == 0);
  CHECK_FALSE(timer.facts().last_success);
}

TEST_CASE("a failure that systemd was made to forget stays one") {
  Timer timer;
  timer.covered.known.failure = ServiceFailure{kNow - minutes(59), "exit 5"};
  // The run that failed is the one that is told as a success now.
  core::Facts facts = timer.facts();
  CHECK(facts.row.failures == 1);
  CHECK(facts.row.first_failure == kNow - minutes(59));
  CHECK(facts.row.last_detail == "exit 5");
  // After a boot nothing at all is told.
  timer.told().started = timer.told().finished = std::nullopt;
  CHECK(timer.facts().row.failures == 1);
  // It has been told by its own record.
  timer.recorded(kNow - minutes(59), record::Outcome::fail, 5);
  CHECK(timer.facts().row.failures == 1);
  timer.recorded(kNow - minutes(20), record::Outcome::ok, 0);
  CHECK(timer.facts().row.failures == 0);
  timer.run.end.reset();
  timer.told().started = kNow - minutes(30);
  timer.told().finished = kNow - minutes(29);
  facts = timer.facts();
  CHECK(facts.row.failures == 0);
  CHECK(facts.last_success == kNow - minutes(29));
}

TEST_CASE("a service that waits to be restarted has failed") {
  Timer timer;
  timer.told().active_state = "activating";
  timer.told().sub_state = "auto-restart";
  timer.told().result = "exit-code";
  timer.told().exit_status = 1;
  timer.told().restarts = 60;
  CHECK(timer.facts().row.last_detail == "exit 1");
  CHECK(timer.facts().open_runs.empty());
  // At work once more, and nobody has seen how the run before ended.
  timer.told().sub_state = "start";
  timer.told().result = "success";
  timer.told().exit_status = 0;
  timer.told().main_pid = 42;
  timer.told().finished.reset();
  const core::Facts facts = timer.facts();
  CHECK(facts.row.failures == 1);
  CHECK(facts.row.last_detail ==
        "restarted by systemd after a failure, 60 so far");
  CHECK(facts.open_runs.size() == 1);
}

TEST_CASE("what goes before the command of a service is work, too") {
  Timer timer;
  timer.told().active_state = "activating";
  timer.told().sub_state = "start-pre";
  timer.told().state_since = kNow - minutes(2);
  timer.told().started = kNow - hours(25);
  timer.told().finished = kNow - hours(24);
  const core::Facts facts = timer.facts();
  REQUIRE(facts.open_runs.size() == 1);
  CHECK(facts.open_runs[0].started == kNow - minutes(2));
  CHECK_FALSE(facts.last_success);
}

TEST_CASE("a service at work is an open run") {
  Timer timer;
  timer.told().active_state = "activating";
  timer.told().main_pid = 42;
  const core::Facts facts = timer.facts();
  REQUIRE(facts.open_runs.size() == 1);
  CHECK(facts.open_runs[0].pid == 42);
  CHECK(facts.open_runs[0].started == kNow - hours(1));
}

TEST_CASE("the record of an adopted timer and systemd's result are one run") {
  Timer timer;
  timer.told().result = "exit-code";
  timer.told().exit_status = 3;
  timer.recorded(kNow - minutes(59) + std::chrono::milliseconds(20),
                 record::Outcome::fail, 3);
  CHECK(timer.facts().row.failures == 1);
  // An older one adds up: two in a row.
  timer.recorded(kNow - hours(25), record::Outcome::fail, 1);
  CHECK(timer.facts().row.failures == 2);
  CHECK(timer.facts().row.last_detail == "exit 3");
  CHECK(timer.facts().row.first_failure == kNow - hours(25));
  // And ends with a success of which there is no record.
  timer.told().result = "success";
  CHECK(timer.facts().row.failures == 0);
}

}  // namespace bezalel::app
