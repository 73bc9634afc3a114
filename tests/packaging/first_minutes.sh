#!/bin/sh
# From an installed build to the first alarm and the report, as the README walks
# through it: as root with cron, as a plain user with a line in the crontab.
# Runs in the copy that in_copy.sh makes. usage: first_minutes.sh BUILD-DIR STUB
. "$(dirname "$0")/walk_lib.sh"

install_build
start_tracker

mistakes_write_nothing() {
  run 2 "half a repository" \
    bezalel init --gitea "$TRACKER" alerts --token-file /root/token
  says "alerts: expected the repository as OWNER/NAME"
  run 2 "another protocol" bezalel init --webhook ftp://x
  says "init: ftp://x: expected https://..."
  [ ! -e $SETTINGS ] || wrong "settings were written"
  mkdir -p /etc/bezalel
  printf '[channel.forge' >$SETTINGS
  run 2 "settings that are no TOML" \
    bezalel init --gitea "$TRACKER" ops/alerts --token-file /root/token
  says "bezalel: $SETTINGS:1:"
  says "no TOML: "
  same "that file" '[channel.forge' "$(cat $SETTINGS)"
  same "what is beside it" bezalel.toml "$(ls /etc/bezalel)"
  run 1 "doctor of it" bezalel doctor
  says "do:  correct $SETTINGS:1:"
  says_not "bezalel init --"
  says_not "next: "
  rm -r /etc/bezalel
  run 2 "no such root" bezalel discover --sysroot /nonexistent
  says "discover: --sysroot /nonexistent: No such file or directory"
}

root_by_cron() {
  run 1 "init on a host without a cron daemon" \
    bezalel init --gitea "$TRACKER" ops/alerts --token-file /root/token
  says "made      user bezalel"
  says "wrote     /etc/bezalel/forge.token (0640)"
  says "wrote     /etc/bezalel/bezalel.toml (0640)"
  says "forge     reachable, Gitea "
  says "token valid, may write issues in ops/alerts"
  says "checking  every 15m by /etc/cron.d/bezalel"
  says "no alarm would reach you tonight"
  ends "next: service cron start"
  same "settings" "640 root:bezalel" "$(stat -c '%a %U:%G' $SETTINGS)"
  same "token" "640 root:bezalel" "$(stat -c '%a %U:%G' /etc/bezalel/forge.token)"

  /usr/sbin/cron
  run 0 "doctor" bezalel doctor
  says "an alarm would reach you tonight, by 1 of 1 channel"
  says "+ check      by /etc/cron.d/bezalel every 15m"
  ends "next: bezalel drill"
}

again_keeps_and_names() {
  # What a person wrote stays, byte for byte.
  printf '\n# mine\n[host]\nname = "db7"\n' >>$SETTINGS
  cp $SETTINGS /root/before
  run 0 "the same init again" \
    bezalel init --gitea "$TRACKER" ops/alerts --token-file /root/token
  says "kept      $SETTINGS"
  cmp -s $SETTINGS /root/before || wrong "the same init changed the settings"
  # Nor is it told of as what it would have been.
  cp /etc/cron.d/bezalel /root/line
  sed -i 's|^\*/15 |* |' /etc/cron.d/bezalel
  printf '[check]\nevery = "1min"\n' >>$SETTINGS
  run 0 "init beside a line of one's own" \
    bezalel init --gitea "$TRACKER" ops/alerts --token-file /root/token
  says "checking  every 1m by /etc/cron.d/bezalel"
  cp /root/line /etc/cron.d/bezalel
  cp /root/before $SETTINGS

  run 2 "init with a token that is not there" \
    bezalel init --gitea "$TRACKER" ops/alerts --token-file /root/none
  same "what it says" 1 "$(wc -l <$OUT)"
  says "bezalel: /root/none: No such file"
  # A wrong token, as at the first init, and the way to the right one.
  (umask 077 && echo wrong-token >/etc/bezalel/forge.token)
  run 2 "init with another token" \
    bezalel init --gitea "$TRACKER" ops/alerts --token-file /root/token
  says 'kept as it is: [channel.forge] token_file holds another token than /root/token'
  says_not stub-token
  sh -c "$(sed -n 's/^    do:  \(cp .*token\)/\1/p' $OUT)"
  run 0 "init after what it says to type" \
    bezalel init --gitea "$TRACKER" ops/alerts --token-file /root/token
  same "token" "640 root:bezalel" "$(stat -c '%a %U:%G' /etc/bezalel/forge.token)"
  cmp -s $SETTINGS /root/before || wrong "another token changed the settings"

  run 2 "init with another repository" \
    bezalel init --gitea "$TRACKER" ops/other --token-file /root/token
  says 'kept as it is: [channel.forge] repo is "ops/alerts"; the command line says "ops/other"'
  cmp -s $SETTINGS /root/before || wrong "what differs was changed"

  run 2 "init with one thing that differs and one that is missing" \
    bezalel init --gitea "$TRACKER" ops/other --token-file /root/token \
    --deadman "$TRACKER/ping"
  head -c "$(stat -c %s /root/before)" $SETTINGS | cmp -s - /root/before ||
    wrong "what was there is not there any more"
  grep -q "^url = \"$TRACKER/ping\"" $SETTINGS || wrong "no dead man was added"
  cp /root/before $SETTINGS
}

drill_is_quick() {
  began=$(date +%s)
  run 0 "drill" bezalel drill --every 2s
  took=$(($(date +%s) - began))
  [ "$took" -lt 60 ] || wrong "the drill took $took s"
  says "opened   forge #"
  says "resolved forge #"
  same "open issues" 0 "$(ask open)"
  # The host's own checks, at the same time, tell in its place.
  (until [ -e /root/enough ]; do bezalel check --notify --quiet; done) \
    >/root/checks 2>&1 &
  run 0 "drill beside checks" bezalel drill --every 2s
  : >/root/enough
  wait $!
  says "resolved forge #"
  same "open issues" 0 "$(ask open)"
  # 3: there is no job, and nothing of the drill is taken for one.
  run 3 "check after the drill" bezalel check --all
  says_not bezalel-drill
}

wrong_settings_are_named() {
  cp $SETTINGS /root/before
  chmod 644 /etc/bezalel/forge.token
  run 1 "check with a token that others can read" bezalel check
  same "findings" 1 "$(grep -c '^- ' $OUT)"
  line=$(grep -n ^token_file $SETTINGS | cut -d: -f1)
  says "$SETTINGS:$line:"
  says "mode is 0644"
  says_not "is missing"
  run 1 "doctor of it" bezalel doctor
  says "$SETTINGS:$line:"
  ends "next: chmod 600 /etc/bezalel/forge.token"
  chmod 640 /etc/bezalel/forge.token

  printf '\n[report]\nto = ["forge", "nope"]\n' >>$SETTINGS
  run 1 "check with a report to nobody" bezalel check
  says "[report] to: no channel is named nope"
  says "[report] to: forge is of type gitea, which takes no reports"
  run 1 "doctor of it" bezalel doctor
  says "[report] to: no channel is"
  run 1 "report --send" bezalel report --send
  says "bezalel: report to nope: no such channel"
  cp /root/before $SETTINGS
  run 0 "doctor of what was" bezalel doctor
}

# A drill's notices go everywhere: it must not prove what no alarm can use.
what_no_channel_hears() {
  cp $SETTINGS /root/before
  sed -i 's/^default = .*/default = []/' $SETTINGS
  run 1 "doctor with a route to nobody" bezalel doctor
  says "no alarm would reach you tonight"
  says "- route      [route] default names no channel"
  says 'do:  default = ["forge"]  in [route]'
  run 1 "drill with a route to nobody" bezalel drill --every 2s
  says "drill: [route] default names no channel"
  says_not proven
  cp /root/before $SETTINGS

  run 0 "silence" bezalel silence --host --until 5d --reason "moving disks"
  run 1 "doctor of a silent host" bezalel doctor
  says "no alarm would reach you tonight"
  says "- silence    the whole host is silent until "
  says ", by root:"
  ends "next: bezalel silence --host --end"
  run 1 "drill of a silent host" bezalel drill --every 2s
  says "by root: moving disks"
  ends "next: bezalel silence --host --end"
  run 0 "the end of the silence" bezalel silence --host --end
  run 0 "doctor after it" bezalel doctor

  mv $SETTINGS /root/before
  run 1 "drill without a channel" bezalel drill --every 2s
  says "bezalel: drill: no channel is set"
  says_not proven
  ends "next: bezalel init --help"
  mv /root/before $SETTINGS
}

first_alarm_and_report() {
  run 0 "a job" bezalel run db_backup --every 1h -- echo "9 databases"
  run 0 "a cycle" bezalel check --notify
  # Cycles as cron would start them: a long pause would be a finding itself.
  for seconds in 2400 4800 7100; do
    later $seconds run 0 "a cycle" bezalel check --notify
  done
  later 7201 run 1 "two hours of silence" bezalel check --notify
  says "stale"
  ask issues >$OUT
  says "open [heartbeat-checker] P1 db_backup@db7 stale"
  later 7300 run 1 "check" bezalel check
  says "1 of 1 job needs you"
  ends "next: bezalel status db_backup"
  later 7300 run 0 "report" bezalel report
  says "## Blockers"
  says "db_backup"
  says "## Heartbeat Panel"
  later 7300 run 0 "report --send" bezalel report --send
  # The checker of the units can go on with what root left.
  same "state" "600 bezalel:bezalel" \
    "$(stat -c '%a %U:%G' /var/lib/bezalel/state.db)"
}

line_of_an_administrator() {
  mv /etc/cron.d/bezalel /root/
  run 1 "doctor without the cron file" bezalel doctor
  says "nothing on this host starts"
  ends "next: bezalel init"
  echo '#*/5 * * * * root bezalel check --notify' >/etc/crontab
  run 1 "doctor with a line that is commented out" bezalel doctor
  says "nothing on this host starts"
  echo '*/5 * * * * root bezalel check --notify' >/etc/crontab
  run 0 "doctor with a line of another file" bezalel doctor
  says "+ check      by /etc/crontab"
  rm /etc/crontab
  mv /root/bezalel /etc/cron.d/
}

user_by_crontab() {
  make_user ann
  as ann 'echo "@daily true" | crontab -'
  as_run 0 ann "init of a plain user" \
    "bezalel init --gitea $TRACKER ops/alerts --token-file ~/token"
  says "wrote     /home/ann/.config/bezalel/bezalel.toml (0600)"
  says "wrote     /home/ann/.config/bezalel/forge.token (0600)"
  says "checking  every 15m by a line in your crontab"
  says "+ check      by a line in your crontab every 15m"
  says "an alarm would reach you tonight, by 1 of 1 channel"
  line='*/15 * * * * /usr/bin/bezalel --mine check --notify --quiet'
  same "the crontab" "@daily true
$line" "$(as ann 'crontab -l')"
  as_run 0 ann "init again" "bezalel init"
  same "lines of ours" 1 "$(as ann 'crontab -l' | grep -cF "$line")"
  as ann 'crontab -l | sed "s/^\*/#&/" | crontab -'
  as_run 1 ann "doctor with our line commented out" "bezalel doctor"
  ends "next: bezalel init"
  as_run 0 ann "init once more" "bezalel init"
  same "lines in force" 1 "$(as ann 'crontab -l' | grep -cxF "$line")"
  # What cron would run; 3: ann has no job yet.
  as_run 3 ann "the line itself" "${line#?????????????}"
  before=$(ask issues | wc -l)
  as_run 0 ann "drill" "bezalel drill --every 2s"
  same "issues of the drill" $((before + 1)) "$(ask issues | wc -l)"
  ask issues | tail -n 1 >$OUT
  says "closed [heartbeat-checker] P3 bezalel-drill@testhost"
}

report_of_a_user() {
  make_user tim
  as tim 'mkdir -p .config/bezalel && printf "%s\n" "[channel.paper]" \
    "type = \"exec\"" "argv = [\"/bin/true\"]" "[report]" \
    "to = [\"paper\"]" >.config/bezalel/bezalel.toml'
  as tim 'bezalel init --no-start' >/dev/null 2>&1
  as tim 'echo "*/15 * * * * bezalel check --notify" | crontab -'
  as_run 0 tim "doctor where nothing sends the report" "bezalel doctor"
  says "~ report     none was sent yet; nothing of ours sends it"
  says "    do:  bezalel init"
  as_run 0 tim "what it says to do" "bezalel init"
  says "report    at 06:00 by a line in your crontab"
  as_run 0 tim "and again" "bezalel init"
  line='0 6 * * * /usr/bin/bezalel --mine report --send'
  same "lines of ours" 1 "$(as tim 'crontab -l' | grep -cxF "$line")"
  as_run 0 tim "doctor then" "bezalel doctor"
  says "none was sent yet; sent by a line in your crontab"
  as_run 0 tim "the line itself" "${line#0 6 \* \* \* }"
  as_run 0 tim "doctor after it" "bezalel doctor"
  says "+ report     last sent "
}

the_checking_is_no_job() {
  as_run 0 ann "adopt of a plain user" "bezalel adopt --all"
  says "adopted 1 file, 1 job;"
  says "left alone: /etc/cron.d/bezalel: only root may change it"
  # As cron starts it, twice: it says 3 or 1 of the jobs, and is none itself.
  for _ in 1 2; do
    as ann "SHELL=/usr/bin/bezalel-sh /usr/bin/bezalel-sh -c \
      '/usr/bin/bezalel --mine check --notify --quiet'" >/dev/null 2>&1
  done
  as ann "bezalel check --all" >$OUT
  says_not "bezalel-"
  as_run 0 ann "release of a plain user" "bezalel release --all"
}

long_crontab_is_kept() {
  make_user lea
  { yes '# a line that only makes it longer' | head -n 2500
    echo '@daily true'; } >/home/lea/tab
  as lea 'crontab ~/tab'
  as_run 1 lea "init beside a very long crontab" "bezalel init"
  says "crontab -l: too long to be changed here"
  same "the crontab" "$(md5sum </home/lea/tab)" "$(as lea 'crontab -l' | md5sum)"
}

# It fails where its complaints are thrown away, and not where they are read.
failing_crontab_is_kept() {
  make_user ira
  echo '@daily true' >/home/ira/tab
  as ira 'crontab ~/tab'
  mkdir /home/ira/bin
  cat >/home/ira/bin/crontab <<'SH'
#!/bin/sh
[ "$(readlink /proc/$$/fd/2)" != /dev/null ] || exit 1
exec /usr/bin/crontab "$@"
SH
  chmod 755 /home/ira/bin /home/ira/bin/crontab
  as_run 1 ira "init beside a crontab(1) that fails" \
    'PATH=$HOME/bin:$PATH bezalel init'
  says "crontab -l failed, and then did not"
  same "the crontab" '@daily true' "$(as ira 'crontab -l' | grep -v '^#')"
}

both_places_are_read() {
  # Before `setup` a user's proof is at home, after it below /var/lib/bezalel.
  make_user bob
  as_run 0 bob "a job before setup" "bezalel run early --every 1d -- true"
  [ -f /home/bob/.bezalel/heartbeats/early.last ] || wrong "no proof at home"
  as bob 'echo "@daily true" | crontab -'
  run 0 "setup" bezalel setup
  dir=/var/lib/bezalel/heartbeats/u/$(id -u bob)
  same "$dir" "2750 bob:bezalel" "$(stat -c '%a %U:%G' "$dir")"
  as_run 0 bob "a job after setup" "bezalel run later --every 1d -- true"
  [ -f "$dir/later.last" ] || wrong "no proof in $dir"
  as_run 0 bob "check of bob" "bezalel check --all"
  says "+ early"
  says "+ later"
  says "evaluated 2 of 2: 2 ok"
  BEZALEL_TEST_NOW=$(date +%s) run 0 "check of root" \
    bezalel check --job bob/early --job bob/later --all
  says "+ early"
  says "+ later"
  # The newer of two proofs of one job counts.
  as_run 0 bob "early again" "bezalel run early --every 1d -- true"
  later 100000 as_run 0 bob "check by the newer proof" "bezalel check --all"
}

named_by_a_system_crontab() {
  # No crontab of the user's own, and no `setup` since the line is there.
  make_user dan
  printf '%s\n' 'SHELL=/usr/bin/bezalel-sh' '0 * * * * dan true fetch' \
    >/etc/cron.d/dan
  as_run 0 dan "a run as cron starts it" \
    "SHELL=/usr/bin/bezalel-sh /usr/bin/bezalel-sh -c 'true fetch'"
  ls /home/dan/.bezalel/heartbeats/*.last >/dev/null || wrong "no proof at home"
  bezalel check --all >$OUT
  # With an age, which is that of the proof.
  grep -q '^[+] true-[^ ]* *ok *[0-9]' $OUT || wrong "the proof is not seen: $(cat $OUT)"
  run 0 "setup" bezalel setup
  dir=/var/lib/bezalel/heartbeats/u/$(id -u dan)
  same "$dir" "2750 dan:bezalel" "$(stat -c '%a %U:%G' "$dir")"
  rm /etc/cron.d/dan
}

no_crontab_for_this_user() {
  make_user eve
  echo eve >/etc/cron.deny
  as_run 1 eve "init of a user who may not use crontab(1)" \
    "bezalel init --gitea $TRACKER ops/alerts --token-file ~/token"
  says "You (eve) are not allowed to use this program (crontab)"
  says_not '\n'
  says "do:  have root see to that, or start it every 15m by other means"
  says_not "next: "
  rm /etc/cron.deny
}

it "a mistake on the command line writes nothing" mistakes_write_nothing
it "root, no systemd: init, cron file, doctor" root_by_cron
it "init again keeps, adds and names" again_keeps_and_names
it "a wrong setting is named once, at its place" wrong_settings_are_named
it "a drill takes less than a minute" drill_is_quick
it "doctor and drill: alarms that no channel hears" what_no_channel_hears
it "first alarm, and the report" first_alarm_and_report
it "checking that somebody else starts is seen" line_of_an_administrator
it "a plain user: one crontab line" user_by_crontab
it "a plain user's report has what sends it" report_of_a_user
it "the checking itself is no job of an adopted crontab" the_checking_is_no_job
it "a crontab too long to be read whole is not written" long_crontab_is_kept
it "a crontab that could not be read is not replaced" failing_crontab_is_kept
it "a user's proofs are read in both places" both_places_are_read
it "a user whom only a system crontab names" named_by_a_system_crontab
it "a user who may have no crontab" no_crontab_for_this_user
finish
