#!/bin/sh
# What is scheduled on a host, is all of it watched, and the way there and back,
# as the README walks through it: discover, lint, explain, audit, adopt, release.
# Runs in the copy that in_copy.sh makes. usage: scheduled.sh BUILD-DIR STUB
. "$(dirname "$0")/walk_lib.sh"

README=$TESTS/../README.md
SHOP=/etc/cron.d/shop
export BEZALEL_HOST=db7 TZ=Europe/Riga BEZALEL_TEST_NOW=1795495500

# shows LINE: it is said, and the README shows it as it is said.
shows() {
  says "$1"
  grep -qxF -- "$1" "$README" || wrong "not in the README: $1"
}
# as_shown: every line that was said, blank ones apart, is in the README.
as_shown() {
  while IFS= read -r line; do
    [ -z "$line" ] || shows "$line"
  done <$OUT
}

install_build
start_tracker
ln -sf /usr/share/zoneinfo/Europe/Riga /etc/localtime
useradd --create-home --shell /bin/sh deploy
printf '%s\n' '0 3 * * *     root    /usr/local/bin/db-backup --all' \
  '0 22-2 * * *  root    /usr/local/bin/rotate-keys' \
  '*/10 * * * *  deploy  /usr/local/bin/fetch-orders' >$SHOP
for job in db-backup rotate-keys fetch-orders; do
  ln -s /bin/true /usr/local/bin/$job
done
/usr/sbin/cron
bezalel init --gitea "$TRACKER" ops/alerts --token-file /root/token >/dev/null ||
  exit 1

finds_what_is_scheduled() {
  run 0 "discover" bezalel discover
  as_shown
  run 1 "lint" bezalel lint $SHOP
  as_shown
  run 0 "explain" bezalel explain '0 22-23,0-2 * * *'
  as_shown
  sed -i 's/22-2/22-23,0-2/' $SHOP
  run 0 "lint of what was mended" bezalel lint $SHOP
}

sees_what_is_not_watched() {
  run 1 "audit" bezalel audit
  shows "db7  Tue 24 Nov 2026 06:45 +0200  0 of 3 scheduled jobs are watched"
  shows "3 scheduled, 0 watched, 3 not"
  ends "next: bezalel adopt --all --dry-run"
  shows "not watched"
  shows "- db-backup-e17e           not watched yet            $SHOP:1"
  shows "    do:  bezalel adopt --file $SHOP"
}

adopts_and_releases() {
  cp $SHOP /root/shop
  run 0 "adopt --all --dry-run" bezalel adopt --all --dry-run
  as_shown
  cmp -s $SHOP /root/shop || wrong "a dry run changed the crontab"
  run 0 "adopt --all" bezalel adopt --all
  as_shown
  run 0 "audit afterwards" bezalel audit
  shows "3 scheduled, 3 watched: 3 wrapped"
  as_shown
  run 0 "release" bezalel release --file $SHOP
  as_shown
  cmp -s $SHOP /root/shop || wrong "release left another crontab"
}

it "discover, lint and explain find what is scheduled" finds_what_is_scheduled
it "audit says what is not watched" sees_what_is_not_watched
it "adopt watches it, release undoes it byte for byte" adopts_and_releases
finish
