"""received.py WHAT [WORD]: what receivers got, one line an item.

Of the tracker's state on stdin: pagerduty (ACTION KEY SEVERITY SUMMARY), ntfy
(TOPIC PRIORITY AUTHORIZATION TITLE), hook KEY (good or bad signature, TYPE, ID,
SUBJECT). Of a mail sink's lines: mails (TLS LOGIN RECIPIENTS SUBJECT), threads
(what each mail refers to). Of the lines that an exec channel kept: events (TYPE
SUBJECT).
"""

import base64
import email
import email.policy
import hashlib
import hmac
import json
import sys


def signed(request, key):
    headers = {k.lower(): v for k, v in request["headers"].items()}
    text = "%s.%s.%s" % (
        headers["webhook-id"],
        headers["webhook-timestamp"],
        request["body"],
    )
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(digest).decode()
    return headers.get("webhook-signature") == wanted


def of_tracker(what, word, state):
    for request in state["recorded"]:
        if not request["path"].startswith("/" + what):
            continue
        if request["method"] != "POST":
            continue
        body = json.loads(request["body"])
        if what == "pagerduty":
            payload = body.get("payload", {})
            yield (
                body["event_action"],
                body["dedup_key"],
                payload.get("severity", "-"),
                payload.get("summary", "-"),
            )
        elif what == "ntfy":
            auth = {k.lower(): v for k, v in request["headers"].items()}
            yield (
                body["topic"],
                body["priority"],
                auth.get("authorization", "-"),
                body["title"],
            )
        else:
            good = "good" if signed(request, word) else "bad"
            yield good, body["type"], body["id"], body["subject"]


def of_lines(what, lines):
    for line in lines:
        got = json.loads(line)
        if what == "events":
            yield got["type"], got["subject"]
            continue
        text = email.message_from_string(
            got["text"], policy=email.policy.default
        )
        if what == "threads":
            yield (text["References"],)
        else:
            tls = "tls" if got["tls"] else "plain"
            to = ",".join(got["to"])
            yield tls, got["login"] or "-", to, text["Subject"]


def main():
    what = sys.argv[1]
    word = sys.argv[2] if len(sys.argv) > 2 else ""
    if what in ("mails", "threads", "events"):
        answers = of_lines(what, sys.stdin)
    else:
        answers = of_tracker(what, word, json.load(sys.stdin))
    for answer in answers:
        print(*answer)


main()
