"""mail_sink.py PORT_FILE MAILS [--tls CERT KEY] [--login USER PASSWORD]

A mail server for one test: real SMTP on 127.0.0.1 with STARTTLS and AUTH PLAIN
or LOGIN where asked for. Writes its port to PORT_FILE once it listens, and to
MAILS one JSON line a mail: from, to, tls, login, text. What it was told besides
mails goes to MAILS.said, one command a line, without secrets.
"""

import argparse
import base64
import json
import os
import socketserver
import ssl


def decoded(word):
    return base64.b64decode(word).decode()


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def hear(self):
        return self.rfile.readline(4096).decode("latin-1").rstrip("\r\n")

    def handle(self):
        self.mail = {"tls": False, "login": None, "to": []}
        self.say("220 sink ESMTP")
        while True:
            line = self.hear()
            if not line:
                return
            word = line.split(" ")[0].upper()
            with open(self.server.mails + ".said", "a") as said:
                said.write(("AUTH" if word == "AUTH" else line) + "\n")
            if word == "QUIT":
                self.say("221 bye")
                return
            if not getattr(self, "on_" + word.lower(), self.on_other)(line):
                return

    def on_other(self, line):
        self.say("250 ok")
        return True

    def on_ehlo(self, line):
        offers = ["250-sink"]
        if self.server.tls and not self.mail["tls"]:
            offers.append("250-STARTTLS")
        elif self.server.login:
            offers.append("250-AUTH PLAIN LOGIN")
        self.say("\r\n".join(offers + ["250 8BITMIME"]))
        return True

    def on_starttls(self, line):
        self.say("220 go on")
        try:
            self.request = self.server.tls.wrap_socket(
                self.request, server_side=True
            )
        except (ssl.SSLError, OSError):
            return False
        self.setup()
        self.mail["tls"] = True
        return True

    def on_auth(self, line):
        words = line.split(" ")
        if words[1] == "PLAIN":
            if len(words) < 3:
                self.say("334 ")
                words.append(self.hear())
            given = decoded(words[2]).split("\0")[1:]
        else:
            if len(words) < 3:
                self.say("334 VXNlcm5hbWU6")
                words.append(self.hear())
            self.say("334 UGFzc3dvcmQ6")
            given = [decoded(words[2]), decoded(self.hear())]
        if given != self.server.login:
            self.say("535 no")
            return True
        self.mail["login"] = given[0]
        self.say("235 welcome")
        return True

    def on_mail(self, line):
        if self.server.login and not self.mail["login"]:
            self.say("530 log in first")
            return True
        self.mail["from"] = line.partition(":")[2].split(" ")[0]
        self.mail["to"] = []
        self.say("250 ok")
        return True

    def on_rcpt(self, line):
        self.mail["to"].append(line.partition(":")[2])
        self.say("250 ok")
        return True

    def on_data(self, line):
        self.say("354 go on")
        text = []
        while (line := self.hear()) != ".":
            text.append(line[1:] if line.startswith(".") else line)
        self.mail["text"] = "\n".join(text)
        with open(self.server.mails, "a") as mails:
            mails.write(json.dumps(self.mail) + "\n")
        self.say("250 taken")
        return True


def main():
    words = argparse.ArgumentParser()
    words.add_argument("port_file")
    words.add_argument("mails")
    words.add_argument("--tls", nargs=2)
    words.add_argument("--login", nargs=2)
    args = words.parse_args()
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
    server.daemon_threads = True
    server.mails = args.mails
    server.login = args.login
    server.tls = None
    if args.tls:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(*args.tls)
    with open(args.port_file + ".tmp", "w") as port:
        port.write(str(server.server_address[1]))
    os.rename(args.port_file + ".tmp", args.port_file)
    server.serve_forever()


main()
