#include "cli/options.h"

namespace bezalel::cli {

std::string help_text() {
  return R"(bezalel - makes silent cron failures impossible

usage: bezalel COMMAND [OPTIONS]     bezalel COMMAND --help shows an example

start here
  init        write the settings, test the channel, start checking
  drill       let a made-up job go silent and watch the alarm arrive
  doctor      what would keep an alarm from reaching you tonight?
  tour        a minute with real jobs in a directory of their own

what runs on this host
  discover    every cron job and timer, found without configuration
  audit       is every one of them watched?
  lint        lines and files that do not do what they seem to
  explain     a schedule in words, with its next runs
  next        next or previous runs of a schedule, for programs
  adopt       watch a crontab with one line; release undoes it
  release     undo adopt, byte for byte
  simulate    run a job now, with cron's own environment, user and shell

let a job leave proof
  run         run a command, record how it went:
                bezalel run db_backup --every 1d -- /usr/local/bin/backup.sh
  beat        record one success of a job
  run-parts   run a directory of scripts, record each

is everything running?
  check       judge all jobs now; exit 0 well, 1 not, 2 usage, 3 not all seen
  status      the panel; with JOB: its runs and their output
  logs        output of a job's runs
  report      the nightly or morning report

when something is wrong
  alerts      open incidents, and who was told
  ack         "seen": stop reminding
  silence     no notices until a given time, for a reason
  pause       stop judging a job; resume takes it back
  retire      this job is gone on purpose
  channel     test NAME: send a test notice
  setup       make the directories of users who have jobs

options
  --root DIR  read and write everything below DIR
  --mine      this user's own jobs, settings and state (default without root)
  --format    text, json, markdown, nagios or prometheus
  --version   --help

files   /etc/bezalel/bezalel.toml      without root  ~/.config/bezalel/
        /var/lib/bezalel/                            ~/.local/state/bezalel/
manual  man bezalel
)";
}

}  // namespace bezalel::cli
