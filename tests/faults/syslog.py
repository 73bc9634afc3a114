"""syslog.py SOCKET FILE: what is sent to SOCKET, one line each, in FILE."""

import os
import socket
import sys

sink = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sink.bind(sys.argv[1] + ".new")
os.rename(sys.argv[1] + ".new", sys.argv[1])
with open(sys.argv[2], "ab", buffering=0) as out:
    while True:
        out.write(sink.recv(65536) + b"\n")
