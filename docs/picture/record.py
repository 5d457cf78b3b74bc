#!/usr/bin/env python3
"""Records the first minute with husk as an asciinema cast: `record.py HUSK OUT.cast`.

Runs the real program in a pseudo-terminal, types, and writes down what it draws and when (asciicast, version 2). Needs
nothing but Python.
"""

import codecs
import fcntl
import json
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time

COLUMNS, ROWS = 120, 36
# Seconds to wait, then what is typed: look around, open a packet's layers, colour by layer, filter; the flows, the
# largest first, the ladder of one; what somebody learns, and with the eyes of the internet provider; the way to a site.
KEYS = [
    (3, ""), *[(0.4, "j")] * 8, (2, "g33\r"), (3, "\t"), *[(0.4, "j")] * 6, (2, "c"), (2, "c"), (1, "\x1b"),
    (1, "/"), *[(0.15, key) for key in "dns"], (1, "\r"), (2, "j"), (1, "j"), (2, "\x1b"), (2, "2"), (2, "s"),
    *[(0.15, key) for key in "bytes"], (1, "\r"), (2, "\r"), *[(0.3, "j")] * 6, (2, "3"), (3, "o"), *[(0.6, "o")] * 5,
    (3, "j"), (0.5, "j"), (2, "4"), (3, "O"), *[(0.3, "O")] * 5, (2, "j"), (2, "\r"), (4, "?"), (3, "\x1b"), (1, "q"),
]


def main():
    husk, out = sys.argv[1:3]
    child, screen = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", XDG_CONFIG_HOME=tempfile.mkdtemp())
        os.execv(husk, [husk, "demo"])
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    start, events = time.monotonic(), []
    # A character may be cut by the end of a read.
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def listen(seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([screen], [], [], left)[0]:
                continue
            try:
                drawn = os.read(screen, 1 << 16)
            except OSError:  # the program is gone
                return
            if not drawn:
                return
            events.append([round(time.monotonic() - start, 3), "o", decode(drawn)])

    for wait, keys in KEYS:
        listen(wait)
        try:
            os.write(screen, keys.encode())
        except OSError:
            break
    listen(1)
    os.waitpid(child, 0)
    with open(out, "w", encoding="utf-8") as cast:
        head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "husk: the first minute"}
        for line in [head, *events]:
            cast.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
