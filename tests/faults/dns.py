"""dns.py ADDRESS ANSWER LOG: a name server on port 53 of ADDRESS.

ANSWER is what every name is: an IPv4 address, "nxdomain", or "silence", which
answers nobody. Each question is a line in LOG, which is made once it listens.
"""

import socket
import struct
import sys


def reply(query, answer):
    end = query.index(b"\0", 12) + 5  # the name, its type and class
    kind = struct.unpack("!H", query[end - 4 : end - 2])[0]
    found = answer != "nxdomain" and kind == 1
    flags = 0x8180 if answer != "nxdomain" else 0x8183
    out = query[:2] + struct.pack("!HHHHH", flags, 1, int(found), 0, 0)
    out += query[12:end]
    if found:
        out += b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 1, 4)
        out += socket.inet_aton(answer)
    return out


def main():
    address, answer, path = sys.argv[1:]
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    with open(path, "a", buffering=1) as log:
        while True:
            query, peer = server.recvfrom(4096)
            log.write("asked\n")
            if answer != "silence":
                server.sendto(reply(query, answer), peer)


main()
