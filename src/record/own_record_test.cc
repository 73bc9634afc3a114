#include "record/own_record.h"

#include <doctest/doctest.h>

#include <string>

using namespace bezalel::record;

TEST_CASE("what is recorded below another root is no record of this host") {
  for (const char* command :
       {"bezalel --root /r run db -- /opt/a", "bezalel --root=/r beat db",
        "BEZALEL_ROOT=/r bezalel run db -- /opt/a",
        "sudo -u www BEZALEL_ROOT=/r bezalel run db -- /opt/a",
        "env BEZALEL_ROOT=/r bezalel run db -- /opt/a",
        "BEZALEL_ROOT=/r sh -c 'bezalel run db -- /opt/a'",
        "export BEZALEL_ROOT=/r; bezalel run db -- /opt/a",
        "BEZALEL_ROOT=/r cron-heartbeat-write.sh db 60",
        "/opt/a && bezalel --root /r beat db"}) {
    CAPTURE(command);
    const auto named = job_name(command);
    CHECK_FALSE(named.own);
    CHECK(named.name.str() != "db");
  }
  for (const char* command :
       {"BEZALEL_ROOT= bezalel run db -- /opt/a",
        "bezalel --root /r run there -- /opt/b; bezalel run db -- /opt/a",
        "BEZALEL_ROOT=/r bezalel run there -- x; bezalel run db -- /opt/a",
        "bezalel run db -- /opt/a --root /r"}) {
    CAPTURE(command);
    CHECK(job_name(command).name.str() == "db");
  }
}

TEST_CASE("what records a job by itself has that job's name") {
  // Nobody else records anything of these.
  for (const char* command :
       {"/usr/share/bezalel/clients/sh/cron-heartbeat-write.sh db 3600",
        "sh '/opt/my clients/cron-heartbeat-write.sh' \"db\" 3600 # daily",
        "if /opt/dump.sh; then cron-heartbeat-write.sh db 60; fi",
        "unheard-of cron-heartbeat-write.sh db 60",
        "bezalel run db -- /opt/a",
        "bezalel run --every 1d db -- /opt/a",
        "nice /usr/bin/bezalel beat db --every 1d",
        "/opt/prepare && bezalel run db -- /opt/a",
        "/opt/a && bezalel beat db --every=1d || bezalel beat db --status fail",
        "/opt/a || bezalel beat db --status=fail && bezalel beat db; sleep 1",
        "sh -c '/opt/a && bezalel beat db --every 1d'",
        "if /opt/a; then bezalel beat db; else logger bad; fi",
        "/opt/a || bezalel beat db",
        "/opt/a | bezalel beat db",
        "/opt/a && bezalel beat db &",
        "(/opt/a && bezalel beat db)",
        "[ -e /skip ] && exit 0; /opt/a && bezalel beat db",
        "[ -e /skip ] && exit; /opt/a && bezalel beat db",
        "exec /opt/b; bezalel beat db",
        "/opt/a && bezalel beat db | cat"}) {
    CAPTURE(command);
    const auto named = job_name(command);
    CHECK(named.name.str() == "db");
    CHECK(named.speaks_for_itself());
  }
  // These end well where the beat was made; how they fail is left to tell.
  for (const char* command :
       {"/opt/dump.sh && cron-heartbeat-write.sh db 3600",
        "/opt/a && bezalel beat db --every 1d", "/opt/a; bezalel beat db",
        "cd / && nice bezalel beat db",
        "cd /x || exit 1; /opt/a && bezalel beat db --tz UTC"}) {
    CAPTURE(command);
    const auto named = job_name(command);
    CHECK(named.name.str() == "db");
    CHECK(!named.speaks_for_itself());
    CHECK(named.own);
  }
  // A beat of failures alone, or none at all.
  for (const char* command :
       {"/opt/a || bezalel beat db --status fail", "bezalel check --notify",
        "bezalel beat db --status fail", "echo bezalel beat db",
        "ssh web bezalel beat db", "bezalel beat $JOB", "bezalel run",
        "cron-heartbeat-write.sh", "cron-heartbeat-write.sh $JOB 60",
        "echo 'cron-heartbeat-write.sh db 60'", "cat cron-heartbeat-write.sh",
        "/opt/dump.sh # cron-heartbeat-write.sh db 60", ""}) {
    CAPTURE(command);
    CHECK(!job_name(command).own);
  }
}

TEST_CASE("what a command says of its schedule is kept") {
  const auto schedule = [](const char* command) {
    return job_name(command).own.value().schedule;
  };
  CHECK(schedule("/opt/a && bezalel beat db --every 1d --grace=2h") ==
        ScheduleText{"1d", {}, {}, {}, "2h", {}});
  // The first of two holds, as nothing may have both.
  CHECK(schedule("bezalel beat db --cron '0 3 * * *' --tz UTC --every 1d") ==
        ScheduleText{{}, "0 3 * * *", {}, "UTC", {}, {}});
  CHECK(schedule("bezalel run db --no-overlap --max 1h -- a --every 2d") ==
        ScheduleText{{}, {}, {}, {}, {}, "1h"});
  CHECK(schedule("cron-heartbeat-write.sh db 3600").every == "3600s");
}

TEST_CASE("a run without a name, or a bad one, has the one that it takes") {
  for (const char* command :
       {"bezalel run bad/name -- /opt/ok.sh 'a b'",
        "bezalel run bad/name --every 1d -- /opt/ok.sh \"a b\"",
        "cd / && nice bezalel run -- /opt/ok.sh a\\ b"}) {
    CAPTURE(command);
    const auto named = job_name(command);
    CHECK(named.name == job_name("/opt/ok.sh 'a b'").name);
    CHECK(named.speaks_for_itself());
  }
  for (const char* command :
       {"bezalel run bad/name", "bezalel run bad/name --",
        "bezalel run bad/name -- /opt/ok.sh $HOME", "bezalel beat bad/name",
        "bezalel --root /r run bad/name -- /opt/ok.sh",
        "bezalel run bad/name -- bezalel run bad/name -- /opt/ok.sh"}) {
    CAPTURE(command);
    CHECK_FALSE(job_name(command).own);
  }
}

TEST_CASE("a job that was given a name is known by its words") {
  const auto former = [](std::string_view command) {
    const auto name = former_name(job_name(command));
    return name ? name->str() : std::string();
  };
  const std::string name = job_name("/opt/db.sh full").name.str();
  for (const char* command :
       {"/opt/db.sh full # bezalel: job=db",
        "bezalel run db -- /opt/db.sh full",
        "sudo -u www bezalel run db --every 1d -- /opt/db.sh full >/dev/null",
        "bezalel run bad/name -- /opt/db.sh full",
        "/opt/db.sh full && bezalel beat db --every 1d",
        "/opt/db.sh full; cron-heartbeat-write.sh db 3600"}) {
    CAPTURE(command);
    CHECK(former(command) == name);
  }
  for (const char* command :
       {"/opt/db.sh full", "bezalel beat db", "bezalel run db -- /opt/$X.sh",
        "bezalel run db -- bezalel run db2 -- /opt/db.sh full",
        "bezalel beat a && bezalel beat b"}) {
    CAPTURE(command);
    CHECK(former(command) == "");
  }
}

TEST_CASE("the calls in a command are told as they are written") {
  const auto calls = own_calls(
      "cd / && bezalel run a --max 1h -- x 'y z'; sh -c \"bezalel beat b\" || "
      "bezalel check; echo bezalel run c");
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].verb == "run");
  CHECK(calls[0].args ==
        std::vector<std::string>{"a", "--max", "1h", "--", "x", "y z"});
  CHECK(calls[1].verb == "beat");
  CHECK(calls[1].args == std::vector<std::string>{"b"});
  CHECK(own_calls("/opt/db.sh").empty());
}

TEST_CASE("what stands before a run may have it start late") {
  const auto start = [](std::string_view command) {
    return job_name(command).own.value().start;
  };
  for (const char* command :
       {"bezalel run a -- x", "cd /x && A=1 nice bezalel run a -- x",
        "[ -x /x ] && bezalel run a -- x; y", "bezalel run -- x",
        "test -d /run/systemd/system || bezalel run a -- x",
        "bezalel run a -- x && bezalel beat b"}) {
    CAPTURE(command);
    CHECK(start(command) == StartRecord::at_once);
  }
  for (const char* command :
       {"sleep 900; bezalel run a -- x", "/opt/y && bezalel run a -- x",
        "perl -e 'sleep int(rand(3600))' && bezalel run a -- x"}) {
    CAPTURE(command);
    CHECK(start(command) == StartRecord::late);
  }
  for (const char* command :
       {"bezalel beat a", "y && cron-heartbeat-write.sh a 60"}) {
    CAPTURE(command);
    CHECK(start(command) == StartRecord::none);
  }
  const auto further =
      further_records(job_name("bezalel run a -- x; bezalel run b -- y"));
  REQUIRE(further.size() == 1);
  CHECK(further[0].start == StartRecord::late);
}

TEST_CASE("a line of several records has several jobs") {
  const auto further = [](const char* command) {
    std::string names;
    for (const OwnRecord& own : further_records(job_name(command))) {
      names += own.job.str() + (own.user.empty() ? "" : "@" + own.user) + " ";
    }
    return names;
  };
  CHECK(further("bezalel run a -- x; bezalel run b -- y") == "b ");
  CHECK(further("bezalel run a -- x && bezalel run b -- y && sudo -u www "
                "bezalel beat c") == "b c@www ");
  CHECK(further("cd /x || exit 1; bezalel run a -- x; bezalel run b -- y") ==
        "b ");
  CHECK(further("x; bezalel beat a; (cd / && y && bezalel beat b) >>z") ==
        "b ");
  CHECK(further("[ -e /x ] && bezalel run a -- x; bezalel run b -- y") == "b ");
  // None, one alone, or what runs now and then.
  for (const char* command :
       {"x; y", "bezalel run a -- x; bezalel run a -- y",
        "bezalel run a -- x || bezalel run b -- y",
        "bezalel run a -- x || { z; bezalel run b -- y; }",
        "bezalel run a -- x; [ -e /x ] && bezalel run b -- y",
        "bezalel run a -- x; test -e /x && z && bezalel run b -- y",
        "if x; then bezalel beat a; else bezalel beat b; fi",
        "bezalel run a -- x; BEZALEL_ROOT=/r bezalel run b -- y",
        "bezalel run a -- x; bezalel beat b --status fail",
        "x # bezalel: job=a"}) {
    CAPTURE(command);
    CHECK(further(command).empty());
  }
}

TEST_CASE("a record behind sudo or su is that user's") {
  const auto user = [](const char* command) {
    return job_name(command).own.value().user;
  };
  CHECK(user("bezalel run db -- /opt/a").empty());
  CHECK(user("nice sudo bezalel run db -- /opt/a") == "root");
  CHECK(user("sudo -n -u www bezalel run db -- a") == "www");
  CHECK(user("sudo -nuwww bezalel run db -- a") == "www");
  CHECK(user("sudo --user=www A=b bezalel run db -- a") == "www");
  CHECK(user("sudo -g x --user www bezalel run db -- a") == "www");
  CHECK(user("doas -u www bezalel run db -- a") == "www");
  CHECK(user("su - www -c 'bezalel run db -- a'") == "www");
  CHECK(user("su -s /bin/sh -c 'cd / && bezalel beat db' www") == "www");
  CHECK(user("su -c 'bezalel beat db'") == "root");
  CHECK(user("runuser -u www -- bezalel run db -- a") == "www");
  CHECK(user("runuser www -c 'bezalel beat db'") == "www");
  CHECK(user("setuidgid www bezalel beat db") == "www");
  CHECK(user("sudo -u ann sudo -u www bezalel beat db") == "www");
  // Its record is another's: who runs it knows nothing of it.
  CHECK(job_name("/opt/a && sudo -u www bezalel beat db").speaks_for_itself());
}
