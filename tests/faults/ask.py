"""ask.py QUESTION [WORD]: of JSON on stdin, one plain answer.

Of the tracker's state: open (how many issues are open), issues (STATE TITLE,
one a line), bodies, labelled (open ones with our label), marked (open ones
with our marker), comments, calls. Of `check --format json`: verdict JOB,
findings (ids, one a line), evaluated.
"""

import json
import sys

MARKER = "<!-- heartbeat-checker"


def answers(what, word, data):
    # What was not watched from the start is one issue for trackers, wherever a
    # host has crontabs; tests/silent asks for it, the walks through other things
    # pass over it.
    issues = [
        i for i in data.get("issues", []) if "never watched" not in i["title"]
    ]
    opened = [i for i in issues if i["state"] == "open"]
    if what == "open":
        yield len(opened)
    elif what == "issues":
        for issue in issues:
            yield "%s %s" % (issue["state"], issue["title"])
    elif what == "bodies":
        for issue in issues:
            yield issue["body"]
    elif what == "labelled":
        yield sum(
            any(l["name"] == "heartbeat-checker" for l in i["labels"])
            for i in opened
        )
    elif what == "marked":
        yield sum(MARKER in i["body"] for i in opened)
    elif what == "comments":
        for issue in issues:
            for comment in issue["comments"]:
                yield comment["body"]
    elif what == "calls":
        yield from data["calls"]
    elif what == "recorded":
        for request in data["recorded"]:
            yield "%s %s" % (request["method"], request["path"])
    elif what == "verdict":
        for job in data["jobs"]:
            if job["job"] == word:
                yield job["verdict"]
    elif what == "findings":
        for finding in data["findings"]:
            yield finding["id"]
    elif what == "evaluated":
        yield "%s of %s" % (data["evaluated"], data["of"])
    else:
        sys.exit("ask.py: no such question: " + what)


def main():
    data = json.load(sys.stdin)
    word = sys.argv[2] if len(sys.argv) > 2 else ""
    for answer in answers(sys.argv[1], word, data):
        print(answer)


main()
