#!/bin/sh
# Every channel by the whole program to a real server: a job goes silent, and
# recovers a cycle later.
. "$(dirname "$0")/../faults/lib.sh"
HERE=$TESTS/notify
start_tracker

SINK_PID=
trap 'kill $SINK_PID 2>/dev/null; clean' EXIT

# channel NAME TYPE LINE...: the only one besides `local`.
channel() {
  {
    printf '[channel.%s]\ntype = "%s"\n' "$1" "$2"
    name=$1
    shift 2
    printf '%s\n' "$@"
    printf 'timeout = "5s"\n\n[route]\ndefault = ["%s"]\n' "$name"
  } >"$ROOT/bezalel.toml"
}

# secret NAME VALUE: into $WORK/NAME.
secret() {
  printf '%s\n' "$2" >"$WORK/$1"
  chmod 600 "$WORK/$1"
}

# A root with one silent job, and the channel described.
silent_job() {
  new_root "$1"
  shift
  heartbeat silent 500000 86400
  channel "$@"
}

goes_silent_and_recovers() {
  notify
  same "exit" 1 "$status"
  [ ! -s "$ERR" ] || wrong "said: $(head -c 300 "$ERR")"
  heartbeat silent -5 86400
  later 900 notify
  same "exit afterwards" 0 "$status"
}

received() {
  what=$1
  shift
  curl -sf "$TRACKER/_control/state" | python3 "$HERE/received.py" "$what" "$@"
}

# --- mail ------------------------------------------------------------------

MAILS=$WORK/mails

# mail_sink OPTION...: a mail server for this case; its address is $MAIL_URL.
mail_sink() {
  # shellcheck disable=SC2086  # none at first
  kill $SINK_PID 2>/dev/null
  rm -f "$WORK/mail.port" "$MAILS.said"
  : >"$MAILS"
  python3 "$HERE/mail_sink.py" "$WORK/mail.port" "$MAILS" "$@" \
    >/dev/null 2>&1 &
  SINK_PID=$!
  tries=0
  until [ -s "$WORK/mail.port" ]; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || { wrong "the mail sink did not start"; return; }
    sleep 0.05
  done
  MAIL_URL=smtp://127.0.0.1:$(cat "$WORK/mail.port")
}
mails() { python3 "$HERE/received.py" mails <"$MAILS"; }

# mail_channel ROOT LINE...
mail_channel() {
  name=$1
  shift
  silent_job "$name" mail smtp "url = \"$MAIL_URL\"" \
    'from = "Bezalel <bezalel@db7.example>"' \
    'to = ["ops@example", "boss@example"]' "$@"
}

# both_mails HOW: of an opened and a resolved incident, in one thread.
both_mails() {
  to="<ops@example>,<boss@example>"
  same "opened" "$1 $to P1 silent@testhost stale" "$(mails | sed -n 1p)"
  same "resolved" "$1 $to OK silent@testhost well again" \
    "$(mails | sed -n 2p | sed 's/ after .*//')"
  same "mails" 2 "$(mails | wc -l)"
  same "threads" 1 \
    "$(python3 "$HERE/received.py" threads <"$MAILS" | sort -u | wc -l)"
}

# Nothing reached the server, and it was told elsewhere in the same cycle.
no_mail() {
  same "mails" 0 "$(mails | wc -l)"
  has "the alarm is told locally" "silent@testhost" "$LOG"
  has "so is the channel" "channel mail does not deliver" "$LOG"
  findings >"$WORK/findings"
  has "a finding" channel-dead "$WORK/findings"
}

plain_mail() {
  mail_sink
  mail_channel plain 'tls = "none"'
  goes_silent_and_recovers
  both_mails "plain -"
}

# A key and a certificate of our own for NAME.
certificate() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" \
    -addext "subjectAltName=$2" -keyout "$WORK/$1.key" \
    -out "$WORK/$1.pem" 2>/dev/null
}

encrypted_mail() {
  command -v openssl >/dev/null || { skip "no openssl"; return; }
  certificate here IP:127.0.0.1
  mail_sink --tls "$WORK/here.pem" "$WORK/here.key" --login bz 'let me in'
  mail_channel encrypted "ca_file = \"$WORK/here.pem\"" 'username = "bz"' \
    "password_file = \"$WORK/mail.pass\""
  secret mail.pass 'let me in'
  goes_silent_and_recovers
  both_mails "tls bz"
}

unknown_certificate() {
  command -v openssl >/dev/null || { skip "no openssl"; return; }
  certificate here IP:127.0.0.1
  certificate elsewhere DNS:elsewhere.example
  for name in here elsewhere; do
    mail_sink --tls "$WORK/$name.pem" "$WORK/$name.key"
    mail_channel "$name" \
      "$([ $name = here ] || echo "ca_file = \"$WORK/$name.pem\"")"
    : >"$LOG"
    notify
    no_mail
    hasnt "nothing was said to it" MAIL "$MAILS.said"
  done
}

no_encryption() {
  mail_sink
  mail_channel stripped
  : >"$LOG"
  notify
  no_mail
  hasnt "nothing was said to it" MAIL "$MAILS.said"
}

wrong_password() {
  mail_sink --login bz 'let me in'
  mail_channel refused 'tls = "none"' 'username = "bz"' \
    "password_file = \"$WORK/mail.pass\""
  secret mail.pass 'guessed wrong'
  : >"$LOG"
  notify
  no_mail
  has "the reason" "535: the login was refused" "$ERR"
  hasnt "no secret" 'guessed wrong' "$ERR"
  "$BZ" channel test mail >"$OUT" 2>&1
  has "a test says it, too" "535: the login was refused" "$OUT"
}

# `init` writes what can be used as it is, but for the way of encryption.
mail_of_init() {
  mail_sink
  new_root init
  rm "$ROOT/bezalel.toml"
  "$BZ" init --mail "$MAIL_URL" ops@example --no-start >"$OUT" 2>&1
  has "it says what is missing" "STARTTLS" "$OUT"
  sed -i 's/^to = .*/&\ntls = "none"/' "$ROOT/bezalel.toml"
  "$BZ" channel test mail >"$OUT" 2>&1
  same "a test" "mail: delivered" "$(cat "$OUT")"
  has "from this host" "MAIL FROM:<bezalel@testhost>" "$MAILS.said"
  same "to whom" "plain - <ops@example> TEST testhost" \
    "$(mails | cut -d' ' -f1-5)"
}

# --- the others --------------------------------------------------------------

pager() {
  secret pager.key 0123456789abcdef0123456789abcdef
  silent_job pager pager pagerduty "url = \"$TRACKER/pagerduty\"" \
    "routing_key_file = \"$WORK/pager.key\""
  goes_silent_and_recovers
  received pagerduty >"$WORK/events"
  same "events" 2 "$(wc -l <"$WORK/events")"
  same "keys" 1 "$(cut -d' ' -f2 "$WORK/events" | sort -u | wc -l)"
  same "opened" "trigger critical P1 silent@testhost stale" \
    "$(sed -n 1p "$WORK/events" | cut -d' ' -f1,3-)"
  same "resolved" "resolve - -" \
    "$(sed -n 2p "$WORK/events" | cut -d' ' -f1,3-)"
}

# A 202 whose body promises nothing is no delivery: it is sent again, under the
# same key.
pager_without_promise() {
  secret pager.key 0123456789abcdef0123456789abcdef
  silent_job promise pager pagerduty "url = \"$TRACKER/pagerduty\"" \
    "routing_key_file = \"$WORK/pager.key\""
  mode garbage POST /pagerduty 1
  notify
  has "it is said" pager "$ERR"
  later 900 notify
  received pagerduty >"$WORK/events"
  same "sent again" "trigger" \
    "$(cut -d' ' -f1 "$WORK/events" | sort -u)"
  same "under one key" 1 "$(cut -d' ' -f2 "$WORK/events" | sort -u | wc -l)"
}

phone() {
  secret ntfy.token tk_0123456789
  silent_job phone phone ntfy "url = \"$TRACKER/ntfy\"" \
    'topic = "night-watch"' "token_file = \"$WORK/ntfy.token\""
  goes_silent_and_recovers
  same "opened" "night-watch 5 Bearer tk_0123456789 P1 silent@testhost stale" \
    "$(received ntfy | sed -n 1p)"
  same "resolved" \
    "night-watch 3 Bearer tk_0123456789 OK silent@testhost well again" \
    "$(received ntfy | sed -n 2p | sed 's/ after .*//')"
}

webhook() {
  secret hook.key shared-secret
  silent_job webhook hook webhook "url = \"$TRACKER/hook\"" \
    "secret_file = \"$WORK/hook.key\""
  goes_silent_and_recovers
  received hook shared-secret >"$WORK/events"
  same "signed" "good alert.opened
good alert.resolved" "$(cut -d' ' -f1,2 "$WORK/events")"
  same "each with an id of its own" 2 \
    "$(cut -d' ' -f3 "$WORK/events" | sort -u | wc -l)"
  same "another key would not do" bad \
    "$(received hook guessed | cut -d' ' -f1 | sort -u)"
}

# The program gets its arguments as they stand, whatever a shell would make of
# them, and a job's words only as JSON on its standard input.
program() {
  cat >"$WORK/keep" <<'SH'
#!/bin/sh
dir=$(dirname "$0")
printf '<%s>' "$@" >"$dir/arguments"
cat >>"$dir/events"
env | cut -d= -f1 | grep -v -x -e PWD -e _ | sort >"$dir/environment"
SH
  chmod 755 "$WORK/keep"
  rm -f "$WORK/events"
  silent_job program keep exec \
    "argv = [\"$WORK/keep\", \"\$(id) ;\", \"\", \"*\"]"
  goes_silent_and_recovers
  same "arguments" '<$(id) ;><><*>' "$(cat "$WORK/arguments")"
  same "environment" "BEZALEL_EVENT
BEZALEL_SEVERITY
BEZALEL_SUBJECT
LANG
PATH" "$(cat "$WORK/environment")"
  same "events" "alert.opened P1 silent@testhost stale
alert.resolved OK silent@testhost well again" \
    "$(python3 "$HERE/received.py" events <"$WORK/events" |
      sed 's/ after .*//')"
}

hostile_words() {
  silent_job hostile keep exec "argv = [\"$WORK/keep\"]"
  rm "$HB/silent.last" "$WORK/events"
  "$BZ" run 'a@b-1._x' --every 1d -- \
    sh -c 'printf "\"}; touch %s \$(touch %s) \033[31m\n" "$0" "$0"; exit 3' \
    "$WORK/planted" >/dev/null 2>&1
  notify
  same "events" "alert.opened P1 a@b-1._x@testhost failed" \
    "$(python3 "$HERE/received.py" events <"$WORK/events")"
  same "one line" 1 "$(wc -l <"$WORK/events")"
  [ ! -e "$WORK/planted" ] || wrong "a job's words were run"
  ! grep -q "$(printf '\033')" "$WORK/events" || wrong "a control character"
}

# The settings name a channel that cannot be made: that is said wherever it is
# asked for, and the alarm goes by what is left.
half_made() {
  silent_job half hook webhook "url = \"$TRACKER/hook\""
  printf '[channel.pager]\ntype = "pagerduty"\n' >>"$ROOT/bezalel.toml"
  sed -i 's/^default = .*/default = ["hook", "pager"]/' "$ROOT/bezalel.toml"
  notify
  same "the other is told" 2 "$(received hook x | wc -l)"
  for words in "channel test pager" "channel list" doctor; do
    # shellcheck disable=SC2086  # words
    "$BZ" $words >"$OUT" 2>&1 && wrong "$words ended with 0"
    has "$words" "routing_key_file is missing" "$OUT"
  done
  has "doctor counts it" "by 1 of 2 channels" "$OUT"
}

it "smtp: a mail tells of it, and one of its end, in one thread" plain_mail
it "smtp: over STARTTLS, logged in" encrypted_mail
it "smtp: no mail to a server whose certificate is another's" \
  unknown_certificate
it "smtp: no mail where encryption is asked for and not offered" no_encryption
it "smtp: a login that is refused is told elsewhere" wrong_password
it "smtp: what init writes can be used" mail_of_init
it "pagerduty: triggered and resolved under one key" pager
it "pagerduty: a 202 that promises nothing is sent again" pager_without_promise
it "ntfy: a title, a priority and the token" phone
it "webhook: signed, each event with an id of its own" webhook
it "exec: arguments as they stand, and little else to lean on" program
it "exec: what a job prints is never run" hostile_words
it "a channel that cannot be made is named wherever it is asked for" half_made
finish
