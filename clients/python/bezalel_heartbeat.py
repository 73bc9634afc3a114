"""Leave proof that a scheduled job has succeeded.

    from bezalel_heartbeat import write_cron_heartbeat
    write_cron_heartbeat("db_backup", 86400)

Call it as the last thing a job does. Standard library only, Python 3.7 and
later. The file JOB.last is written whole or not at all into the first of

    $BEZALEL_ROOT/heartbeats            if that is set (and nowhere else);
                                        u/UID below it for others than its owner
    /var/lib/bezalel/heartbeats         for root
    /var/lib/bezalel/heartbeats/u/UID   for others
    ~/.bezalel/heartbeats

that takes it.
"""

import json
import math
import os
import re
import sys
import tempfile
import time

__all__ = ["write_cron_heartbeat"]

_JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}\Z")
_PRIMARY = "/var/lib/bezalel/heartbeats"
_CENTURY = 100 * 366 * 86400


def write_cron_heartbeat(job, interval_seconds):
    """Write JOB.last and return its path.

    Raises ValueError for a wrong name or interval, OSError if no place could
    take the file.
    """
    _check(job, interval_seconds)
    data = _record(job, interval_seconds)
    failure = None
    for directory, make in _directories():
        try:
            if make:
                os.makedirs(directory, mode=0o755, exist_ok=True)
            return _replace(os.path.join(directory, job + ".last"), data)
        except OSError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    raise OSError("no place for a heartbeat: HOME is not set")


def _check(job, interval_seconds):
    if not isinstance(job, str) or not _JOB_NAME.match(job):
        raise ValueError(
            "%.40r is not a job name; expected 1 to 128 of A-Z a-z 0-9 . _ @ "
            "-, the first a letter or digit" % (job,)
        )
    number = isinstance(interval_seconds, (int, float))
    if (
        not number
        or isinstance(interval_seconds, bool)
        or not math.isfinite(interval_seconds)
        or not 0.001 <= interval_seconds <= _CENTURY
    ):
        raise ValueError(
            "%.40r is not an interval; expected seconds, above 0 and under "
            "100 years" % (interval_seconds,)
        )


def _record(job, interval_seconds):
    record = {"v": 1, "job": job, "timestamp": round(time.time(), 6)}
    try:
        clock = getattr(time, "CLOCK_BOOTTIME", 7)
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as f:
            boot_id = f.read(64).strip()
        record["boottime"] = round(time.clock_gettime(clock), 6)
        record["boot_id"] = boot_id
    except (OSError, AttributeError, ValueError):
        pass  # without both, neither says anything
    record["interval_seconds"] = round(interval_seconds, 6)
    record["host"] = os.uname().nodename
    return json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"


def _directories():
    """Pairs of a directory and whether it may be made."""
    uid = os.geteuid()
    root = os.environ.get("BEZALEL_ROOT")
    if root:
        base = os.path.join(root, "heartbeats")
        try:
            if os.stat(root).st_uid == uid:
                yield base, True
        except OSError:
            pass
        yield os.path.join(base, "u", str(uid)), False
        return
    yield (_PRIMARY if uid == 0 else "%s/u/%d" % (_PRIMARY, uid)), False
    home = os.environ.get("HOME")
    if home:
        yield os.path.join(home, ".bezalel", "heartbeats"), True


def _replace(path, data):
    directory, name = os.path.split(path)
    fd, temporary = tempfile.mkstemp(
        prefix="." + name[:100] + ".", suffix=".tmp", dir=directory
    )
    try:
        with os.fdopen(fd, "wb") as f:
            f.write(data)
            f.flush()
            os.fchmod(f.fileno(), 0o644)
            os.fsync(f.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return path


def _main(arguments):
    if len(arguments) != 2:
        sys.stderr.write("bezalel_heartbeat: expected: JOB SECONDS\n")
        return 2
    try:
        write_cron_heartbeat(arguments[0], float(arguments[1]))
    except ValueError as error:
        sys.stderr.write("bezalel_heartbeat: %s\n" % error)
        return 2
    except OSError as error:
        sys.stderr.write("bezalel_heartbeat: %s\n" % error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
