#include "record/job_name.h"

#include <doctest/doctest.h>

#include <string>

using namespace bezalel::record;

TEST_CASE("a command is named after the word that does its work, for ever") {
  struct Row {
    const char* command;
    const char* name;
  };
  const Row rows[] = {
      {"/usr/local/bin/backup.sh", "backup.sh-077f"},
      {"cd /srv/app && ./nightly.sh --all", "nightly.sh-cc8b"},
      {"test -x /usr/sbin/anacron || ( cd / && run-parts --report "
       "/etc/cron.daily )",
       "run-parts-d984"},
      {"[ -x /usr/lib/php/sessionclean ] && if [ ! -d /run/systemd/system ]; "
       "then /usr/lib/php/sessionclean; fi",
       "sessionclean-32ef"},
      {"command -v debian-sa1 > /dev/null && debian-sa1 1 1",
       "debian-sa1-9355"},
      {"PATH=/opt/bin:$PATH FOO=\"a b\" nice -n 19 ionice -c2 -n7 "
       "/opt/bin/reindex >/dev/null 2>&1",
       "reindex-1a2a"},
      {"flock -n /tmp/sync.lock -c \"rsync -a /a /b\"", "rsync-8bb8"},
      {"flock -n /tmp/sync.lock rsync -a /a /b", "rsync-e745"},
      {"sudo -u www-data -H env HOME=/x php -f /var/www/cron.php",
       "cron.php-addf"},
      {"su - postgres -c \"pg_dump -Fc app > /b/app.dump\"", "pg_dump-32b9"},
      {"bash -lc 'cd /srv && bundle exec rake jobs:clear'", "rake-5e98"},
      {"python3 -m certbot renew", "certbot-f097"},
      {"/usr/bin/python3.11 -u /opt/etl/load.py --day today", "load.py-602f"},
      {"perl -e 'print 1'", "perl-331a"},
      {"java -Xmx2g -cp /a:/b -jar /opt/app/report.jar run", "report.jar-21ff"},
      {"timeout -k 5 1h /opt/x.sh", "x.sh-bfac"},
      {"timeout --signal=KILL 600 chronic /opt/y.sh", "y.sh-9f54"},
      {"for f in /a/*; do gzip \"$f\"; done", "gzip-1a8c"},
      {"if ping -c1 db >/dev/null; then /opt/sync; fi", "sync-3ce4"},
      {"$HOME/bin/x.sh", "x.sh-ce56"},
      {"\"$(which php)\" /var/www/artisan schedule:run", "artisan-9d79"},
      {"sleep $((RANDOM % 60)); /opt/z", "z-d564"},
      {". /etc/profile; /opt/prof.sh", "prof.sh-d86f"},
      {". /opt/env.sh", "env.sh-655e"},
      {"echo hi", "echo-56a7"},
      {": ", "command-e7ac"},
      {"# only", "command-2a00"},
      {"/opt/a # bezalel: job=nightly cron=\"0 3 * * *\" tz=Europe/Riga",
       "nightly"},
      {"/opt/a '# bezalel: job=x'", "a-cd80"},
      {"bezalel run db -- /opt/a", "db"},
      {"nice /usr/bin/bezalel beat db --every 1d", "db"},
      {"case $x in a) /opt/one;; b) /opt/two;; esac", "one-4546"},
      {"docker exec app ./x", "docker-9737"},
      {"env -i PATH=/bin /opt/clean 2>&1 | logger -t x", "clean-00f3"},
      {"systemd-cat -t backup /opt/b2", "b2-71cb"},
      {"taskset -c 0,1 /opt/t2", "t2-c319"},
      {"node --max-old-space-size=4096 /srv/app/cron.js", "cron.js-9c3c"},
      {"/usr/bin/find /tmp -mtime +7 -delete", "find-d1ff"},
      {"\"/opt/my tools/run it.sh\" now", "run-it.sh-b706"},
      {"/opt/_hidden", "hidden-0266"},
      {"ruby -I lib /srv/rb/job.rb", "job.rb-a1cd"},
      {"node -e 'f()'", "node-35af"},
      {"java -cp /a com.example.Main x", "com.example.Main-e3ef"},
      {"run-one /opt/one.sh", "one.sh-7463"},
      {"stdbuf -oL -eL /opt/log.sh", "log.sh-0b55"},
      {"chpst -u app:app -e /env /opt/svc", "svc-0301"},
      {"exec /opt/e.sh", "e.sh-21e8"},
      {"time -p /opt/t.sh", "t.sh-c5f5"},
      {"setsid -w /opt/s.sh", "s.sh-3c71"},
      {"nohup /opt/n.sh &", "n.sh-79bd"},
      {"(cd /a; ./b.sh)", "b.sh-9b8b"},
      {"! /opt/neg.sh", "neg.sh-590a"},
      {"sh /opt/plain.sh --key secret", "plain.sh-5835"},
      {"zsh -o pipefail -c \"make all\"", "make-27e2"},
      {"pgrep foo >/dev/null || /opt/start-foo", "start-foo-def6"},
      {"timeout 60 sudo -n -u bob -- /opt/deep.sh", "deep.sh-5bb0"},
      {"sh -c \"sh -c '/opt/nested.sh'\"", "nested.sh-c593"},
      {"export A=1; B=2 /opt/assigned", "assigned-f713"},
      {"runuser -u app -- /opt/ru.sh", "ru.sh-75ed"},
      {"runuser -l app -c '/opt/rl.sh'", "rl.sh-a44d"},
      {"/opt/averyveryveryveryveryverylongscriptname_that_goes_on.sh",
       "averyveryveryveryveryverylongscriptname_-376e"},
      {"cronic /opt/c.sh", "c.sh-739c"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.command);
    CHECK(job_name(row.command).name.str() == row.name);
  }
}

TEST_CASE("the comment gives name and schedule, and is no part of identity") {
  const auto named = job_name(
      " /opt/a # bezalel: job=nightly cron=\"0 3 * * *\" tz=Europe/Riga "
      "max=30m");
  CHECK(named.name.str() == "nightly");
  CHECK(named.bare == "/opt/a");
  CHECK(named.comment.schedule.cron == "0 3 * * *");
  CHECK(named.comment.schedule.tz == "Europe/Riga");
  CHECK(named.comment.schedule.max == "30m");
  CHECK(named.comment.problems.empty());
  CHECK(job_name("/opt/a # bezalel: every=1d").name == job_name("/opt/a").name);
}

TEST_CASE("what is wrong in a comment is said and costs nothing else") {
  for (const char* text :
       {"job=../x", "color=red", "every", "every=", "every=1d every=2d",
        "every=1d cron=\"* * * * *\"", "grace=\"2h"}) {
    CAPTURE(text);
    const auto named = job_name(std::string("/opt/a # bezalel: ") + text);
    CHECK(named.comment.problems.size() == 1);
    CHECK(named.name == job_name("/opt/a").name);
  }
}

TEST_CASE("a # begins a comment only at a word's start outside quotes") {
  for (const char* command :
       {"/opt/a '# bezalel: job=x'", "/opt/a \"# bezalel: job=x\"",
        "/opt/a x# bezalel: job=x", "/opt/a \\# bezalel: job=x",
        "/opt/a # another comment"}) {
    CAPTURE(command);
    const auto named = job_name(command);
    CHECK(!named.comment.job);
    CHECK(named.bare == command);
  }
}

TEST_CASE("a comment cannot name what names itself") {
  const auto named =
      job_name("/opt/a && bezalel beat db # bezalel: job=other grace=1h");
  CHECK(named.name.str() == "db");
  CHECK(named.comment.schedule.grace == "1h");
  CHECK(named.comment.problems ==
        std::vector<std::string>{"\"job\": the command itself records db"});
  CHECK(job_name("bezalel beat db # bezalel: job=db").comment.problems.empty());
}

TEST_CASE("the checking itself is no job") {
  CHECK(is_checking("/usr/bin/bezalel --mine check --notify --quiet"));
  CHECK(is_checking("bezalel report --send"));
  // The line of the package, for hosts without systemd.
  CHECK(
      is_checking("[ -d /run/systemd/system ] || [ ! -x /usr/libexec/x ] || "
                  "/usr/bin/bezalel check --notify --quiet"));
  CHECK(!is_checking("bezalel run db -- bezalel check"));
  CHECK(!is_checking("/opt/backup && bezalel check --notify"));
}

TEST_CASE("only safe names are job names") {
  for (const char* name : {"a", "db_backup", "9", "a.b-c@d"}) {
    CHECK(is_job_name(name));
  }
  CHECK(is_job_name(std::string(128, 'a')));
  for (const char* name :
       {"", ".a", "-rf", "../x", "a/b", "a b", "a\n", "\xc3\xa9"}) {
    CAPTURE(name);
    CHECK(!is_job_name(name));
    CHECK(!JobName::parse(name));
  }
  CHECK(!is_job_name(std::string(129, 'a')));
}

TEST_CASE("the stem of a name is without the digits that job_name() made") {
  using bezalel::record::name_stem;
  CHECK(name_stem("db-backup-28f0") == "db-backup");
  CHECK(name_stem("backup-prod") == "backup-prod");
  CHECK(name_stem("backup-28F0") == "backup-28F0");
  CHECK(name_stem("28f0") == "28f0");
  CHECK(name_stem("-28f0") == "-28f0");
}
