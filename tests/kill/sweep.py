"""sweep.py WHAT PROGRAM KILLAT TRACKER_URL WORK STEP

Kills a notifying check at its 1st, 1+STEP-th, ... system call; each time from
the same state. WHAT is the cycle that is killed:

  first    the first check there ever was finds a silent job
  opening  a job that was well has gone silent
  closing  a job whose issue is open has recovered

After each kill: no file is torn; after at most two undisturbed checks exactly
one issue is open (closing: none), none was made twice, the state is sound and
its outbox is empty. Prints one line of figures; exit 1 when a kill broke that.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request

WHAT, PROGRAM, KILLAT, TRACKER, WORK, STEP = sys.argv[1:7]
STEP = int(STEP)
PREPARED = os.path.join(WORK, "prepared-" + WHAT)
ROOT = os.path.join(WORK, "root")
ENDLESS = 20000
EXPECTED_OPEN = 0 if WHAT == "closing" else 1

SETTINGS = """[channel.forge]
type = "gitea"
url = "%s"
repo = "ops/alerts"
token_file = "%s/token"

[route]
default = ["forge"]
"""


def control(what, **arguments):
    body = json.dumps(arguments).encode()
    with urllib.request.urlopen(TRACKER + "/_control/" + what, body) as reply:
        return json.load(reply)


def issues():
    with urllib.request.urlopen(TRACKER + "/_control/state") as reply:
        return json.load(reply)["issues"]


def write(path, text, mode=0o644):
    with open(path, "w", encoding="ascii") as out:
        out.write(text)
    os.chmod(path, mode)


def heartbeat(age, interval=86400):
    beat = {"v": 1, "job": "swept", "timestamp": time.time() - age,
            "interval_seconds": interval}
    write(ROOT + "/heartbeats/swept.last", json.dumps(beat) + "\n")


def check():
    """An undisturbed check --notify: its exit status and errors."""
    done = subprocess.run(
        [PROGRAM, "check", "--notify", "--root", ROOT],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stderr.decode("utf-8", "replace")


def expect_status(wanted):
    status, errors = check()
    if status != wanted:
        sys.exit("the undisturbed check: exit %d, expected %d: %s"
                 % (status, wanted, errors))


def prepare():
    """Makes PREPARED; returns what the tracker holds before the kill."""
    shutil.rmtree(ROOT, ignore_errors=True)
    os.makedirs(ROOT + "/heartbeats")
    write(ROOT + "/token", "stub-token\n", 0o600)
    write(ROOT + "/bezalel.toml", SETTINGS % (TRACKER, ROOT))
    control("reset")
    if WHAT == "first":
        heartbeat(5 * 86400)
    if WHAT == "opening":
        # The state remembers a success: only time makes this job silent.
        heartbeat(0, 2)
        expect_status(0)
        time.sleep(4.1)
    if WHAT == "closing":
        heartbeat(5 * 86400)
        expect_status(1)
    kept = issues()
    if WHAT == "closing":
        heartbeat(60)
    shutil.rmtree(PREPARED, ignore_errors=True)
    shutil.copytree(ROOT, PREPARED)
    return kept


def restore(kept):
    shutil.rmtree(ROOT)
    shutil.copytree(PREPARED, ROOT)
    control("reset")
    for issue in kept:
        control("create", poster="bezalel-bot", title=issue["title"],
                body=issue["body"], labelled=True)


def torn():
    """Files that are neither as before nor as they should be."""
    found = []
    for name in ("heartbeats/swept.last", "bezalel-check.last"):
        path = os.path.join(ROOT, name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                text = file.read()
            try:
                whole = text.endswith(b"\n") and json.loads(text)["job"]
            except ValueError:
                whole = False
            if not whole:
                found.append(name)
    return found


def state_troubles():
    strange = [n for n in os.listdir(ROOT) if n.startswith("state.db.")]
    found = ["set aside: " + n for n in strange]
    database = sqlite3.connect(ROOT + "/state.db")
    verdict = database.execute("pragma integrity_check").fetchone()[0]
    if verdict != "ok":
        found.append(verdict)
    waiting = database.execute(
        "select count(*) from outbox where state != 'sent'").fetchone()[0]
    if waiting:
        found.append("%d in the outbox" % waiting)
    database.close()
    return found


class Sweep:
    def __init__(self):
        self.kills = self.lost = self.second_pass = 0
        self.troubles = []

    def one(self, n, kept):
        """Kills at call n; False when the check ended before it."""
        restore(kept)
        status = subprocess.run(
            [KILLAT, str(n), PROGRAM, "check", "--notify", "--root", ROOT],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, check=False).returncode
        self.kills += status == 137
        troubles = ["torn: " + name for name in torn()]
        check()
        if self.count() != EXPECTED_OPEN or state_troubles():
            self.second_pass += 1
            check()
        if self.count() < EXPECTED_OPEN:
            self.lost += 1
        if self.count() != EXPECTED_OPEN:
            troubles.append("%d issues are open" % self.count())
        if len(issues()) != 1:
            troubles.append("%d issues were made" % len(issues()))
        troubles += state_troubles()
        if troubles:
            self.troubles.append("call %d: %s" % (n, "; ".join(troubles)))
        return status == 137

    @staticmethod
    def count():
        return sum(issue["state"] == "open" for issue in issues())


def main():
    begun = time.monotonic()
    kept = prepare()
    sweep = Sweep()
    n = 1
    while sweep.one(n, kept) and n < ENDLESS:
        n += STEP
    for line in sweep.troubles[:20]:
        print("    " + line)
    print("%s: %d kills in %d system calls, %d alarms lost, %d needed a second"
          " pass, %d other troubles, %.0f s"
          % (WHAT, sweep.kills, n, sweep.lost, sweep.second_pass,
             len(sweep.troubles), time.monotonic() - begun))
    bad = sweep.troubles or sweep.kills < 20 // STEP or n >= ENDLESS
    sys.exit(1 if bad else 0)


main()
