"""What `bezalel check` does, as one would write it in Python without further
thought: reads each .last, calls it stale when its age is more than twice its
interval, prints the stale ones. For comparison."""

import json
import os
import sys
import time

directory = sys.argv[1]
now = time.time()
stale = []
total = 0
for entry in os.scandir(directory):
    if not entry.name.endswith(".last"):
        continue
    with open(entry.path) as f:
        record = json.load(f)
    total += 1
    age = now - record["timestamp"]
    interval = record["interval_seconds"]
    if age > 2 * interval:
        stale.append((age / interval, entry.name[:-5], age, interval))
stale.sort(reverse=True)
for ratio, job, age, interval in stale:
    print("%-30s %10.0f s of %8d s  %6.1f" % (job, age, interval, ratio))
print("%d of %d stale" % (len(stale), total))
sys.exit(1 if stale else 0)
