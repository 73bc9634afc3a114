"""listener.py PINGS PORT: a service that hears pings, on a port of its own that
is written to PORT; what is asked for is noted in PINGS, a line each."""
import http.server
import os
import sys


class Note(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open(sys.argv[1], "a") as f:
            f.write(self.path + "\n")
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")
    do_POST = do_HEAD = do_GET
    def log_message(self, *words):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Note)
open(sys.argv[2] + ".new", "w").write(str(server.server_port))
os.rename(sys.argv[2] + ".new", sys.argv[2])
server.serve_forever()
