"""discover.py BEZALEL: what it costs to find and audit all jobs of a large host.

Makes, in namespaces of its own (needs root), a host of 5000 crontab lines (100
files in /etc/cron.d, 100 users' crontabs) and 500 timers of a real
`systemd --user`, and starts in turn, so that all see the same machine:

  discover        bezalel discover --format json
  audit           bezalel audit --format json, beside a state that knows them all
  lint            bezalel lint --format json of all the host's crontabs
  discover, cron  bezalel discover --sysroot: the crontabs alone
  python          reads and splits the same crontabs, and reads the same timers
                  from `systemctl --user show`; judges nothing

Prints the medians of five rounds: wall time, CPU time of the process (not of
systemd, which answers), peak memory by wait4."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from statistics import median

ROUNDS = 5
FILES, USERS, LINES, TIMERS = 100, 100, 25, 500
FIRST_UID = 60000
HIDDEN = ("/run", "/var/log", "/var/spool/cron", "/var/lib/bezalel",
          "/etc/bezalel", "/etc/cron.d")


def line_of(n, user):
    fields = ("*/%d * * * *" % (5 + n % 50), "%d %d * * *" % (n % 60, n % 24),
              "%d %d * * 1-5" % (n % 60, n % 24), "0 4 %d * *" % (1 + n % 28))
    return "%s %s/usr/local/bin/job-%05d --host db%d.example >/dev/null 2>&1\n" % (
        fields[n % 4], user, n, n % 7)


def make_crontabs(root):
    os.makedirs(root + "/etc/cron.d", exist_ok=True)
    os.makedirs(root + "/var/spool/cron/crontabs", exist_ok=True)
    os.makedirs(root + "/usr/sbin", exist_ok=True)
    if root:
        shutil.copy("/usr/sbin/cron", root + "/usr/sbin/cron")
        shutil.copy("/etc/passwd", root + "/etc/passwd")
    n = 0
    for i in range(FILES):
        with open("%s/etc/cron.d/part%03d" % (root, i), "w") as f:
            f.write("SHELL=/bin/sh\nPATH=/usr/bin:/bin\n")
            for _ in range(LINES):
                f.write(line_of(n, "root "))
                n += 1
    for i in range(USERS):
        path = "%s/var/spool/cron/crontabs/bench%03d" % (root, i)
        with open(path, "w") as f:
            f.write("MAILTO=\"\"\n")
            for _ in range(LINES):
                f.write(line_of(n, ""))
                n += 1
        os.chmod(path, 0o600)
        os.chown(path, FIRST_UID + i, 0)
    return n


def make_timers(home):
    units = home + "/.config/systemd/user"
    wants = units + "/timers.target.wants"
    os.makedirs(wants)
    for i in range(TIMERS):
        name = "bench%03d" % i
        with open("%s/%s.service" % (units, name), "w") as f:
            f.write("[Service]\nType=oneshot\nExecStart=/bin/true\n")
        with open("%s/%s.timer" % (units, name), "w") as f:
            f.write("[Timer]\nOnCalendar=*-*-* %02d:%02d:00\n" % (i % 24, i % 60))
        os.symlink("../%s.timer" % name, "%s/%s.timer" % (wants, name))


def quietly(*argv):
    return subprocess.run(argv, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode


def start_systemd(work):
    os.makedirs("/run/systemd/system", exist_ok=True)
    os.makedirs("/run/user/0", mode=0o700)
    os.environ.update(
        XDG_RUNTIME_DIR="/run/user/0", HOME=work,
        XDG_CONFIG_HOME=work + "/.config",
        DBUS_SESSION_BUS_ADDRESS="unix:path=/run/user/0/bus")
    null = subprocess.DEVNULL
    subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile",
         "--address=unix:path=/run/user/0/bus"], stdout=null, stderr=null)
    subprocess.Popen(["/lib/systemd/systemd", "--user"], stdout=null,
                     stderr=null)
    for _ in range(200):
        if quietly("systemctl", "--user", "is-active", "timers.target") == 0:
            return True
        time.sleep(0.1)
    return False


def hide(work):
    for path in HIDDEN:
        os.makedirs(path, exist_ok=True)
        subprocess.check_call(["mount", "-t", "tmpfs", "none", path])
    for path in ("/etc/crontab", "/etc/passwd"):
        copy = work + "/" + os.path.basename(path)
        with open(copy, "w") as f:
            if path == "/etc/passwd":
                f.write(open(path).read())
                for i in range(USERS):
                    f.write("bench%03d:x:%d:0::/nonexistent:/bin/sh\n"
                            % (i, FIRST_UID + i))
        if os.path.exists(path):
            subprocess.check_call(["mount", "--bind", copy, path])


PYTHON = """
import glob, json, subprocess
jobs = []
for path in glob.glob("/etc/cron.d/*") + glob.glob("/var/spool/cron/crontabs/*"):
    for line in open(path):
        words = line.split()
        if words and not line.startswith("#") and "=" not in words[0]:
            jobs.append((path, words[:5], words[5:]))
shown = subprocess.run(
    ["systemctl", "--user", "show", "*.timer"], capture_output=True, text=True)
for unit in shown.stdout.split("\\n\\n"):
    jobs.append(dict(l.split("=", 1) for l in unit.splitlines() if "=" in l))
print(json.dumps(jobs))
"""


def run(argv):
    """Wall and CPU seconds, peak KiB."""
    began = time.monotonic()
    pid = os.posix_spawnp(
        argv[0], argv, os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_WRONLY, 0)
            for fd in (1, 2)])
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - began
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1, 3):
        sys.exit("%s: exit %d; expected 0, 1 or 3" % (" ".join(argv), code))
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def count_jobs(bezalel, *options):
    out = subprocess.run([bezalel, "discover", "--format", "json", *options],
                         capture_output=True, text=True)
    return len(json.loads(out.stdout)["jobs"])


def inside(bezalel):
    work = tempfile.mkdtemp(prefix="bezalel-bench.")
    hide(work)
    make_crontabs("")
    make_timers(work)
    with_timers = start_systemd(work)
    make_crontabs(work + "/root")
    shutil.copy("/etc/passwd", work + "/root/etc/passwd")
    quietly(bezalel, "check", "--notify", "--quiet")
    variants = {
        "discover": [bezalel, "discover", "--format", "json"],
        "audit": [bezalel, "audit", "--format", "json"],
        "lint": [bezalel, "lint", "--format", "json"],
        "discover, cron": [bezalel, "discover", "--format", "json",
                           "--sysroot", work + "/root"],
        "python": [sys.executable, "-c", PYTHON],
    }
    print("%d jobs; below --sysroot %d; timers of systemd: %s\n"
          % (count_jobs(bezalel), count_jobs(bezalel, "--sysroot",
                                             work + "/root"),
             "yes" if with_timers else "no, it does not start here"))
    print("%-15s %8s %8s %8s" % ("what", "wall ms", "CPU ms", "RSS MiB"))
    rounds = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, argv in variants.items():
            rounds[name].append(run(argv))
    for name, seen in rounds.items():
        wall, cpu, rss = (median(r[i] for r in seen) for i in range(3))
        print("%-15s %8.0f %8.0f %8.1f"
              % (name, wall * 1e3, cpu * 1e3, rss / 1024), flush=True)
    shutil.rmtree(work)


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--inside":
        inside(sys.argv[2])
        return
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if os.getuid() != 0:
        sys.exit("discover.py: expected root, who can make namespaces")
    sys.exit(subprocess.call(
        ["unshare", "-m", "-p", "--fork", "--kill-child", "--mount-proc",
         sys.executable, os.path.abspath(__file__), "--inside",
         os.path.abspath(sys.argv[1])]))


if __name__ == "__main__":
    main()
