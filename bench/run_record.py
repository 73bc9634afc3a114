"""The record of `bezalel run` made by a straightforward Python wrapper: start
line, the command, end line, heartbeat replaced with fsync. For comparison."""

import json
import os
import subprocess
import sys
import time
import uuid

directory, job = sys.argv[1], sys.argv[2]
log = os.open(os.path.join(directory, time.strftime("py-%Y%m%d.jsonl")),
              os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def append(record):
    os.write(log, (json.dumps(record) + "\n").encode())


run_id = uuid.uuid4().hex
started = time.time()
append({"v": 1, "e": "start", "job": job, "run_id": run_id,
        "timestamp": started, "pid": os.getpid()})
process = subprocess.Popen(sys.argv[3:], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
os.fdatasync(log)
output, _ = process.communicate()
os.write(1, output)
ended = time.time()
append({"v": 1, "e": "end", "job": job, "run_id": run_id, "timestamp": ended,
        "duration_seconds": ended - started,
        "exit_code": process.returncode, "out_bytes": len(output)})
if process.returncode == 0:
    temporary = os.path.join(directory, ".%s.tmp" % job)
    with open(temporary, "w") as f:
        json.dump({"v": 1, "job": job, "timestamp": ended,
                   "run_id": run_id, "exit_code": 0}, f)
        f.flush()
        os.fsync(f.fileno())
    os.rename(temporary, os.path.join(directory, job + ".last"))
sys.exit(process.returncode)
