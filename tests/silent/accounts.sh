#!/bin/sh
# Accounts whose jobs cron's PAM refuses: what is found is what PAM itself says.
. "$(dirname "$0")/lib.sh"

if [ "${2-}" != inside ]; then
  [ -e /etc/pam.d/cron ] || part_is_missing "no PAM service of cron"
  command -v python3 >/dev/null || part_is_missing "no python3"
  enter_namespaces "$@"
fi

hide /var/spool/cron /etc/cron.d
mkdir -p /var/spool/cron/crontabs
: >"$WORK/crontab"
mount --bind "$WORK/crontab" /etc/crontab
[ ! -e /etc/anacrontab ] || mount --bind "$WORK/crontab" /etc/anacrontab
cp -p /etc/shadow "$WORK/shadow"
cp /etc/shadow "$WORK/shadow.before"
mount --bind "$WORK/shadow" /etc/shadow
unset BEZALEL_ROOT
export TZ=UTC
DAY=$(($(date +%s) / 86400))

for user in games root; do
  echo '0 4 * * * /bin/true' >"/var/spool/cron/crontabs/$user"
  chown "$user" "/var/spool/cron/crontabs/$user"
  chmod 600 "/var/spool/cron/crontabs/$user"
done

# account FIELDS: of games, behind its name in shadow(5).
account() {
  {
    grep -v '^games:\|^root:' "$WORK/shadow.before"
    echo "root:*:$DAY:0:99999:7:::"
    echo "games:$1"
  } >"$WORK/shadow"
}

# What pam_acct_mgmt() says to cron: 0, or why it refuses.
pam() {
  python3 - games <<'PY'
import ctypes, sys
lib = ctypes.CDLL("libpam.so.0")
talk = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, *[ctypes.c_void_p] * 3)
class Conv(ctypes.Structure):
    _fields_ = [("talk", talk), ("data", ctypes.c_void_p)]
conv, pam = Conv(talk(lambda *_: 19), None), ctypes.c_void_p()
lib.pam_start(b"cron", sys.argv[1].encode(), ctypes.byref(conv),
              ctypes.byref(pam))
lib.pam_set_item(pam, 3, b"cron")
print(lib.pam_acct_mgmt(pam, 0x8000))
PY
}
taken() {
  account "$1"
  [ "$(pam)" = 0 ] || fail "PAM refuses $1"
  look
  says_not '"id":"account-'
}
refused() {
  account "$1"
  [ "$(pam)" != 0 ] || fail "PAM takes $1"
  look
  says '"id":"account-refused","severity":"error","source":"account of games"'
  says_not 'account of root'
}

scenario "nothing is wrong"
taken "*:$DAY:0:99999:7:::"

scenario "30 a locked password is none that cron asks for"
taken "!:$DAY:0:99999:7:::"

scenario "30 an account that has expired"
refused "*:$DAY:0:99999:7::1:"
refused "*:$DAY:0:99999:7::$DAY:"

scenario "30 a password that is too old, or must be changed"
refused "*:$((DAY - 11)):0:10:7:::"
refused "*:$((DAY - 90)):0:10:7:30::"
refused "*:0:0:99999:7:::"

scenario "30 an account that will expire is told before"
account "*:$DAY:0:99999:7::$((DAY + 5)):"
[ "$(pam)" = 0 ] || fail "PAM refuses it already"
look
says '"id":"account-ends","severity":"warning","source":"account of games"'
says 'in 5 days: the account expires'
taken "*:$DAY:0:99999:7::$((DAY + 50)):"

# The rules of cron itself, and those of access.conf(5), as they are given.
cp /etc/pam.d/cron "$WORK/cron.before"
cp /etc/pam.d/cron "$WORK/pam"
mount --bind "$WORK/pam" /etc/pam.d/cron
cp /etc/security/access.conf "$WORK/access"
mount --bind "$WORK/access" /etc/security/access.conf
cron_asks() {
  { cat "$WORK/cron.before" && printf "$1"; } >"$WORK/pam"
}
WELL="*:$DAY:0:99999:7:::"

scenario "30 access.conf, where cron asks for it"
cron_asks 'account required pam_access.so\n'
: >"$WORK/access"
taken "$WELL"
while read -r verdict rules; do
  printf '%b\n' "$rules" >"$WORK/access"
  "$verdict" "$WELL"
done <<'RULES'
refused - : ALL EXCEPT root : ALL
refused + : root : ALL\n-:ALL:LOCAL
refused - : games : cron
refused - : (games) : ALL
refused - : games : ALL EXCEPT tty1
taken + : ALL : cron crond\n- : ALL : ALL
taken - : games : tty1 192.168.0.
taken - : ALL EXCEPT root games : ALL
taken - : (daemon) : ALL
taken - : ALL : ALL EXCEPT cron
taken - : games\nnonsense\n# - : ALL : ALL
RULES
printf '# a\n- : games : ALL\n' >"$WORK/access"
refused "$WELL"
says 'access.conf:2 denies it'
says '"fix":"put \\"+ : games : cron\\" above /etc/security/access.conf:2"'

scenario "30 access.conf, where PAM does not come to it or takes no no from it"
for rules in '' \
  'account [success=1 default=ignore] pam_succeed_if.so service in cron quiet\naccount required pam_access.so\n' \
  'account optional pam_access.so\n' \
  'account required pam_access.so accessfile=/dev/null\n' \
  '#account required pam_access.so\n'; do
  cron_asks "$rules"
  taken "$WELL"
done

scenario "30 a module that can only ask a person"
# What has no account rules does the same under any name.
for module in /lib/*/security/pam_limits.so; do
  cp "$module" "$WORK/pam_google_authenticator.so"
done
cron_asks "account required $WORK/pam_google_authenticator.so\n"
account "$WELL"
[ "$(pam)" != 0 ] || fail "PAM takes it"
look
says '"id":"account-refused","severity":"error","source":"account of everybody"'
says 'pam_google_authenticator in /etc/pam.d/cron:[0-9]* can only ask a person'
for rules in "auth required $WORK/pam_google_authenticator.so\n" \
  "account optional $WORK/pam_google_authenticator.so\n"; do
  cron_asks "$rules"
  taken "$WELL"
done
cron_asks ''
account "$WELL"

scenario "30 cron.allow and cron.deny"
HOST=$WORK/host
mkdir -p "$HOST/etc" "$HOST/usr/sbin" "$HOST/var/spool/cron"
: >"$HOST/usr/sbin/cron"
grep '^root:\|^games:' /etc/passwd >"$HOST/etc/passwd"
cp -a /var/spool/cron/crontabs "$HOST/var/spool/cron/crontabs"
: >"$HOST/etc/cron.deny"
look --sysroot "$HOST"
says '"source":"crontab of games"'
says_not '"id":"crontab-denied"'
printf 'root\ngames\n' >"$HOST/etc/cron.deny"
look --sysroot "$HOST"
says '"id":"crontab-denied","severity":"warning","source":"account of games"'
says_not 'account of root'
echo games >"$HOST/etc/cron.allow"
look --sysroot "$HOST"
says_not '"id":"crontab-denied"'

# as_games NAME [COMMAND...]: what games, a plain user, is told of the own table
# when NAME stands in cron.deny.
as_games() {
  denied=$1
  shift
  [ $# -gt 0 ] || set -- discover
  [ "$1" = release ] || set -- "$@" --format json
  unshare -m sh -c '
    mount --bind "$1" /etc && echo "$2" >/etc/cron.deny && cd / &&
      bezalel=$3 && shift 3 &&
      exec setpriv --reuid games --regid games --clear-groups \
        env HOME=/nowhere "$bezalel" "$@"
  ' sh "$HIDDEN/copy" "$denied" "$BEZALEL" "$@" >"$WORK/json" 2>&1
  echo "status $?" >>"$WORK/json"
  sed 's/},{/},\n{/g' "$WORK/json" >"$WORK/out"
}
scenario "30 a user whom cron.deny keeps from the own table, which cron runs"
cp -a /etc "$HIDDEN/copy"
chmod 755 "$HIDDEN"
as_games nobody
says '"source":"crontab of games"'
says_not '"id":"source-unreadable"'
as_games games
says '"id":"source-unreadable","severity":"warning","source":"crontab of games"'
says 'crontab -l was refused: You (games) are not allowed'
as_games games release --all --dry-run
says 'left alone: crontab of games: crontab -l was refused'
says 'bezalel: not released: crontab of games'
says 'status 1'
as_games nobody release --all --dry-run
says_not 'crontab -l'
says 'status 0'
rm /var/spool/cron/crontabs/games
as_games nobody
says_not 'crontab of games'

scenario "45 a plain user's own line in a table of the host"
rm -f "$HIDDEN/copy/cron.d"/*
echo '0 4 * * * games /bin/own  # bezalel: job=own' >"$HIDDEN/copy/cron.d/own"
echo '0 4 * * * root /bin/other  # bezalel: job=other' \
  >"$HIDDEN/copy/cron.d/other"
echo '61 4 * * * root /bin/bad' >"$HIDDEN/copy/cron.d/bad"
as_games nobody audit
says '"job":"own"'
says_not 'other\|cron.d/bad'
echo '61 4 * * * games /bin/bad' >>"$HIDDEN/copy/cron.d/own"
as_games nobody audit
says '"id":"file-ignored",.*"source":"/etc/cron.d/own"'

scenario "a plain user is told why the jobs of at are not seen"
mkdir -p /var/spool/cron/atjobs
chown daemon:daemon /var/spool/cron/atjobs
chmod 1770 /var/spool/cron/atjobs
as_games nobody
says '"source":"/var/spool/cron/atjobs".*as root to see the jobs of at'

scenario "a shadow of garbage is no news"
head -c 900000 /dev/urandom >"$WORK/shadow"
look
head -c 9000000 /dev/zero >"$WORK/shadow"
look
says_not '"id":"account-'

finish
