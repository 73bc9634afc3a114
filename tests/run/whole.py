"""Checks a heartbeat directory: every .last is whole, every complete line of
the run logs is JSON or was torn by a kill and closed by the next writer, and
no end stands without its start."""

import json
import os
import sys

directory = sys.argv[1]
for name in os.listdir(directory):
    path = os.path.join(directory, name)
    if name.endswith(".last"):
        with open(path) as f:
            record = json.load(f)
        assert record["job"] + ".last" == name, path
        assert record["exit_code"] == 0, path
    if name.endswith(".jsonl"):
        started = set()
        with open(path) as f:
            for line in f.read().split("\n"):
                if not line:
                    continue
                record = json.loads(line)
                if record["e"] == "start":
                    started.add(record["run_id"])
                else:
                    assert record["run_id"] in started, line
