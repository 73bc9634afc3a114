"""second_opinion.py BEZALEL SOURCE: of every real crontab as a user's table,
`bezalel lint` says what Debian's own `crontab -n` says: that it is taken, or
the line and the words for which it is refused. BEZALEL_TEST_DATA says where the
crontabs lie, as in src/crontab/real_crontabs.h."""

import json
import os
import re
import shutil
import subprocess
import sys


def debian(path):
    asked = subprocess.run(["crontab", "-n", path], capture_output=True,
                           text=True, errors="replace")
    if asked.returncode == 0:
        return None
    first = re.search(r'":(\d+): (.*)', asked.stderr)
    if first:  # It counts lines from 0.
        return int(first[1]) + 1, first[2]
    newline = "missing newline before EOF"
    return ("last", newline) if newline in asked.stderr else asked.stderr


def ours(bezalel, path):
    asked = subprocess.run(
        [bezalel, "lint", "--kind", "user", "--daemon", "debian", "--format",
         "json", path], capture_output=True, text=True)
    refused = json.loads(asked.stdout)["refused"]
    if not refused:
        return None
    with open(path, "rb") as f:
        last = f.read().count(b"\n") + 1
    unended = refused["reason"] == "missing newline before EOF"
    line = "last" if unended and refused["line"] == last else refused["line"]
    return line, refused["reason"]


def main():
    bezalel, source = sys.argv[1:]
    folder = os.path.join(os.environ.get("BEZALEL_TEST_DATA",
                                         source + "/../shared/data"),
                          "crontabs")
    for there, what in ((os.path.isdir(folder), folder),
                        (shutil.which("crontab"), "crontab")):
        if not there:
            print("skipped: no " + what)
            sys.exit(77)
    differ = 0
    paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder))
             if not name.endswith((".jsonl", ".md"))]
    for path in paths:
        theirs, own = debian(path), ours(bezalel, path)
        # Its count is one ahead where it met the line's end first.
        ended = theirs and theirs[0] != "last" and (theirs[0] - 1, theirs[1])
        if own not in (theirs, ended or theirs):
            differ += 1
            print("FAILED: %s: crontab -n: %s; lint: %s" % (path, theirs, own))
    print("%d files, %d differ" % (len(paths), differ))
    sys.exit(0 if paths and not differ else 1)


main()
