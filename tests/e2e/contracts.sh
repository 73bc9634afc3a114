#!/bin/sh
# What other programs rely on, asked of the real program: the lines of
# `bezalel next -`, and the members of `bezalel check --format json`.
#   contracts.sh TREE     with TREE/bin/bezalel
set -u
BEZALEL=$1/bin/bezalel
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
[ -x "$BEZALEL" ] || { echo "skipped: no program in '$1'"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: no python3"; exit 77; }
export BEZALEL_ROOT="$WORK/root" BEZALEL_HOST=testhost TZ=Europe/Riga
mkdir -p "$BEZALEL_ROOT/jobs.d"

cat >"$BEZALEL_ROOT/jobs.d/jobs.toml" <<'TOML'
[job.silent]
every = "1d"
TOML
"$BEZALEL" run wrapped --every 1d -- true || exit 1
"$BEZALEL" beat beaten --every 1h || exit 1
"$BEZALEL" run broken --every 1d -- sh -c 'exit 3' 2>/dev/null
printf '%s' "$(date +%s)" >"$BEZALEL_ROOT/heartbeats/plain.last"

exec python3 - "$BEZALEL" <<'PY'
import json, re, subprocess, sys

bezalel, failed = sys.argv[1], 0

def check(what, good):
    global failed
    if not good:
        failed += 1
        print("FAILED:", what)

# Each question, and the answer in full; None: an error of one line.
FROM = "2026-03-28T12:00:00Z"
CASES = [
    ({"cron": "0 3 * * *", "tz": "UTC", "from": FROM, "n": 2},
     ["2026-03-29T03:00:00Z", "2026-03-30T03:00:00Z"]),
    # The clocks change: Debian's cron runs what the gap leaves out.
    ({"cron": "30 3 * * *", "tz": "Europe/Riga", "from": FROM, "n": 1},
     ["2026-03-29T01:00:00Z"]),
    ({"cron": "30 3 * * *", "tz": "Europe/Riga", "from": FROM, "n": 1,
      "dialect": "busybox"}, ["2026-03-30T00:30:00Z"]),
    ({"cron": "0 3 * * *", "tz": "UTC", "from": "2026-03-29T03:00:00Z",
      "n": 2, "prev": True}, ["2026-03-28T03:00:00Z", "2026-03-27T03:00:00Z"]),
    ({"cron": "0 3 * * *", "tz": "UTC", "from": "2026-03-29T03:00:00Z",
      "n": 1}, ["2026-03-30T03:00:00Z"]),
    ({"calendar": "Mon 03:00", "tz": "UTC", "from": FROM, "n": 1},
     ["2026-03-30T03:00:00Z"]),
    ({"every": "90", "from": FROM, "n": 2},
     ["2026-03-28T12:01:30Z", "2026-03-28T12:03:00Z"]),
    # Nothing more follows.
    ({"calendar": "2026-04-01", "tz": "UTC", "from": FROM, "n": 3},
     ["2026-04-01T00:00:00Z"]),
    ({"cron": "0 0 30 2 *", "tz": "UTC", "from": FROM, "n": 3}, []),
    # The zone of the host, where none is given.
    ({"cron": "0 3 * * *", "from": "2026-06-01T12:00:00Z", "n": 1},
     ["2026-06-02T00:00:00Z"]),
    ({"cron": "0 25 * * *"}, None),
    ({"cron": "0 3 * * *", "tz": "Mars/Olympus"}, None),
    ({"cron": "0 3 * * *", "dialect": "vixen"}, None),
    ({"cron": "0 3 * * *", "n": 0}, None),
    ({"cron": "0 3 * * *", "from": "tomorrow"}, None),
    ({"cron": "0 3 * * *", "every": "1d"}, None),
    ({}, None),
]
RAW = [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"cron":{}}']

process = subprocess.Popen([bezalel, "next", "-"], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)

def ask(line):
    # An answer comes before the next question: nobody waits for the end.
    process.stdin.write(line + b"\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())

def is_error(answer):
    return (list(answer) == ["error"] and answer["error"] != "" and
            "\n" not in answer["error"])

for question, expected in CASES:
    answer = ask(json.dumps(question).encode())
    good = is_error(answer) if expected is None else answer == {"next": expected}
    check(f"next -: {question}: {answer}", good)
for line in RAW:
    answer = ask(line)
    check(f"next -: {line}: {answer}", is_error(answer))
process.stdin.write(b'{"every":"60","from":"2026-03-28T12:00:00Z","n":1}')
process.stdin.close()
check("next -: a last line without newline",
      json.loads(process.stdout.read()) == {"next": ["2026-03-28T12:01:00Z"]})
check("next -: silent on standard error", process.stderr.read() == b"")
check("next -: exit status 0", process.wait() == 0)

done = subprocess.run([bezalel, "check", "--format", "json"],
                      stdout=subprocess.PIPE)
page = json.loads(done.stdout)
for key in ("v", "host", "as_of", "evaluated", "of", "complete", "exit", "jobs",
            "findings"):
    check(f"check: {key}", key in page)
check("check: v", page["v"] == 1 and page["host"] == "testhost")
check("check: exit is the exit status", page["exit"] == done.returncode == 1)
# Nobody said how often the plain one comes: it counts, and is not judged.
check("check: evaluated N of M", (page["evaluated"], page["of"]) == (4, 5))

KEYS = ["job", "user", "verdict", "since", "age_seconds", "interval_seconds",
        "ratio", "last_success", "due", "deadline", "cause", "source",
        "evidence", "severity", "silenced"]
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
jobs = {job["job"]: job for job in page["jobs"]}
check(f"check: all jobs: {sorted(jobs)}",
      sorted(jobs) == ["beaten", "broken", "plain", "silent", "wrapped"])
for name, job in jobs.items():
    for key in KEYS:
        check(f"check: {name}: {key}", key in job)
    for key in ("since", "last_success", "due", "deadline"):
        check(f"check: {name}: {key} is UTC or null: {job[key]}",
              job[key] is None or UTC.fullmatch(job[key]))
    for key in ("age_seconds", "interval_seconds", "ratio"):
        check(f"check: {name}: {key} is a number or null",
              job[key] is None or isinstance(job[key], (int, float)))
    check(f"check: {name}: evidence is words", isinstance(job["evidence"], str))
    check(f"check: {name}: silenced", job["silenced"] is None)
check("check: the worst first", page["jobs"][0]["job"] == "broken")
for name, verdict, evidence in (
        ("wrapped", "ok", "wrapped"), ("beaten", "ok", "heartbeat"),
        ("broken", "failed", "wrapped"), ("plain", "undeclared", "heartbeat"),
        ("silent", None, "none")):
    job = jobs[name]
    check(f"check: {name}: {job['verdict']} by {job['evidence']}",
          verdict in (None, job["verdict"]) and job["evidence"] == evidence)
check("check: never run is null",
      jobs["silent"]["last_success"] is jobs["silent"]["age_seconds"] is
      jobs["silent"]["ratio"] is None)
sys.exit(1 if failed else 0)
PY
