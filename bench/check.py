"""check.py BEZALEL [FILES..]: what one check of many heartbeats costs.

Makes FILES (1000, 10000, 100000) heartbeats as `bezalel run` writes them, in a
folder of its own, one in a hundred stale, and starts in turn, so that all see
the same machine:

  check           bezalel check --quiet: looks, writes nothing
  check, settled  the same beside a state that remembers every job
  notify          bezalel check --notify --quiet, nothing new since the last
  python          check_baseline.py beside this script

Prints the medians of five rounds: wall time, CPU time (user and system, less
disturbed by other work on the machine), peak memory by wait4. The first
`notify`, which remembers every job, is told apart."""

import os
import shutil
import sys
import tempfile
import time
from statistics import median

ROUNDS = 5
HERE = os.path.dirname(os.path.abspath(__file__))
INTERVALS = (300, 3600, 86400, 604800)
STALE_OF = 100


def boot_id():
    with open("/proc/sys/kernel/random/boot_id") as f:
        return f.read().strip()


def make(root, count):
    beats = os.path.join(root, "heartbeats")
    os.makedirs(beats)
    boot = boot_id()
    now = time.time()
    up = time.clock_gettime(time.CLOCK_BOOTTIME)
    for i in range(count):
        interval = INTERVALS[i % len(INTERVALS)]
        # Fresh ones stay so while this runs; some of them are of earlier boots.
        age = 1 + (i * 7919) % (interval // 4)
        if i % STALE_OF == 0:
            age = interval * 3 + i % interval
        at = now - age
        of_boot = boot if age < up else "0" * 8 + boot[8:]
        text = (
            '{"v":1,"job":"nightly-job-%06d","timestamp":%.6f,'
            '"boottime":%.6f,"boot_id":"%s","interval_seconds":%d,'
            '"schedule":{"every":"%ds"},"host":"bench.example",'
            '"run_id":"01JDFS%020d","started":%.6f,"duration_seconds":1.204117,'
            '"exit_code":0}\n'
            % (i, at, max(1.0, up - age), of_boot, interval, interval, i,
               at - 1.204117))
        path = os.path.join(beats, "nightly-job-%06d.last" % i)
        with open(path, "w") as f:
            f.write(text)
        os.utime(path, (at, at))


def run(argv):
    """Wall and CPU seconds, peak KiB."""
    began = time.monotonic()
    pid = os.posix_spawn(
        argv[0], argv, os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_WRONLY, 0)
            for fd in (1, 2)])  # where there is no syslog, alarms go to 2
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - began
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        sys.exit("%s: exit %d; expected 0 or 1" % (" ".join(argv), code))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def show(count, name, rounds, base):
    wall, cpu, rss = (median(r[i] for r in rounds) for i in range(3))
    ratio = "%8.2f" % (cpu / base) if base else "       -"
    print("%7d  %-15s %8.0f %8.0f %8.1f %s"
          % (count, name, wall * 1e3, cpu * 1e3, rss / 1024, ratio),
          flush=True)
    return cpu


def bench(bezalel, count):
    root = tempfile.mkdtemp(prefix="bezalel-bench.")
    try:
        make(root, count)
        check = [bezalel, "--root", root, "check", "--quiet"]
        notify = [bezalel, "--root", root, "check", "--notify", "--quiet"]
        python = [sys.executable, os.path.join(HERE, "check_baseline.py"),
                  os.path.join(root, "heartbeats")]
        results = {}

        def turn(candidates):
            for _ in range(ROUNDS):
                for name, argv in candidates:
                    results.setdefault(name, []).append(run(argv))

        run(python)  # every file is in memory from here on
        turn([("check", check), ("python", python)])
        first = run(notify)
        turn([("check, settled", check), ("notify", notify)])
        base = median(r[1] for r in results["python"])
        for name in ("check", "check, settled", "notify"):
            show(count, name, results[name], base)
        show(count, "first notify", [first], base)
        show(count, "python", results["python"], base)
    finally:
        shutil.rmtree(root)


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: check.py BEZALEL [FILES..]")
    counts = [int(n) for n in sys.argv[2:]] or [1000, 10000, 100000]
    print("%7s  %-15s %8s %8s %8s %8s"
          % ("FILES", "COMMAND", "WALL ms", "CPU ms", "RSS MiB", "OF PYTHON"))
    for count in counts:
        bench(os.path.abspath(sys.argv[1]), count)


main()
