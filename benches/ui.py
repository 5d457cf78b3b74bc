#!/usr/bin/env python3
"""How fast the user interface is, on the real program in a pseudo-terminal: `ui.py CAPTURE [HUSK]`.

Plays a terminal of 120 columns and 40 rows: answers what a terminal is asked, keeps the screen, types, and waits for
what a key must change. Times are from the write of a key to the read of the drawing that shows its effect. Prints a
table. Needs nothing but Python on Linux. Read the capture once before, so that it lies in the page cache.
"""

import fcntl
import os
import pty
import re
import select
import statistics
import struct
import sys
import tempfile
import termios
import time

COLUMNS, ROWS = 120, 40
PLACE = re.compile(r"([\d,]+) of ([\d,]+)\s*$")


class Screen:
    """What the program has drawn: enough of a terminal for what husk writes."""

    TOKEN = re.compile(rb"\x1b\[([?>=]?)([0-9;:]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]|([^\x1b]+)")

    def __init__(self):
        self.rows = [[" "] * COLUMNS for _ in range(ROWS)]
        self.x = self.y = 0
        self.rest = b""

    def write(self, data):
        data = self.rest + data
        self.rest = b""
        # An escape sequence or a character may be cut by the end of a read.
        cut = data.rfind(b"\x1b")
        if cut >= 0 and not self.TOKEN.match(data, cut):
            data, self.rest = data[:cut], data[cut:]
        for private, numbers, final, text in self.TOKEN.findall(data):
            if text:
                self.put(text.decode("utf-8", "ignore"))
            elif final in (b"H", b"f") and not private:
                place = [int(n or 1) for n in numbers.split(b";")] if numbers else [1, 1]
                self.y, self.x = place[0] - 1, place[-1] - 1
            elif final == b"J":
                self.rows = [[" "] * COLUMNS for _ in range(ROWS)]
            elif final == b"K" and self.y < ROWS:
                self.rows[self.y][self.x:] = [" "] * (COLUMNS - self.x)
            elif final in b"ABCD" and not private:
                by = int(numbers or 1)
                self.y += {b"A": -by, b"B": by}.get(final, 0)
                self.x += {b"C": by, b"D": -by}.get(final, 0)

    def put(self, text):
        for c in text:
            if c == "\r":
                self.x = 0
            elif c == "\n":
                self.y += 1
            elif self.y < ROWS and self.x < COLUMNS:
                self.rows[self.y][self.x] = c
                self.x += 1

    def line(self, y):
        return "".join(self.rows[y])

    def text(self):
        return "\n".join(self.line(y) for y in range(ROWS))

    def place(self):
        """The selected row and how many there are, as the last line tells them."""
        found = PLACE.search(self.line(ROWS - 1))
        return tuple(int(n.replace(",", "")) for n in found.groups()) if found else (0, 0)

    def reads(self):
        """Whether the capture is still being read; the last line is drawn last."""
        return "reading" in self.line(ROWS - 1)

    def has_rows(self):
        return self.text().count(" → ") > 10 and self.place()[1] > 0


class Husk:
    """The program in its terminal."""

    def __init__(self, husk, capture):
        self.screen = Screen()
        self.start = time.monotonic()
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", XDG_CONFIG_HOME=tempfile.gettempdir())
            os.execv(husk, [husk, capture])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def listen(self, seconds):
        """Takes in what is drawn. Returns whether anything was."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        data = os.read(self.terminal, 1 << 16)
        if b"\x1b]11;?" in data:
            os.write(self.terminal, b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\")
        if b"\x1b[c" in data:
            os.write(self.terminal, b"\x1b[?62;22c")
        self.screen.write(data)
        return True

    def until(self, shown, most=20.0):
        """Milliseconds until the screen shows something."""
        begin = time.monotonic()
        while not shown(self.screen):
            left = begin + most - time.monotonic()
            if left <= 0 or not self.listen(left) and time.monotonic() - begin >= most:
                raise SystemExit(f"nothing came for {most} s; the screen:\n{self.screen.text()}")
        return (time.monotonic() - begin) * 1000

    def types(self, keys, shown):
        """Types; milliseconds until the screen shows the effect."""
        while self.listen(0):
            pass
        os.write(self.terminal, keys.encode())
        return self.until(shown)

    def settle(self, seconds=0.5):
        """Takes in what is drawn until nothing was for a while."""
        while self.listen(seconds):
            pass

    def moves(self, keys, by, times):
        """Types the same keys several times, each of which moves the selection; milliseconds of each."""
        self.types("g", lambda screen: screen.place()[0] == 1)
        return [self.types(keys, lambda screen: screen.place()[0] == 1 + n * by) for n in range(1, times + 1)]

    def cpu(self):
        with open(f"/proc/{self.child}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        with open(f"/proc/{self.child}/status", encoding="ascii") as status:
            return {key: int(value.split()[0]) for key, value in
                    (line.split(":", 1) for line in status) if key in ("RssAnon", "VmHWM", "VmRSS")}


def told(took):
    return f"{statistics.median(took):.0f} | {max(took):.0f}"


def moving(husk, rows):
    """What moves the selection, in the state that the program is in."""
    name = "while reading" if husk.screen.reads() else "all read"
    rows_of_a_page = page(husk)
    rows.append((f"down a row, {name}", told(husk.moves("j", 1, 30))))
    rows.append((f"a page down, {name}", told(husk.moves("\x06", rows_of_a_page, 20))))
    took = []
    for _ in range(5):
        took.append(husk.types("G", lambda screen: screen.place()[0] == screen.place()[1]))
        husk.types("g", lambda screen: screen.place()[0] == 1)
    rows.append((f"to the last packet, {name}", told(took)))


def page(husk):
    """Rows of a page."""
    husk.types("g", lambda screen: screen.place()[0] == 1)
    husk.types("\x06", lambda screen: screen.place()[0] > 1)
    husk.settle(0.02)
    return husk.screen.place()[0] - 1


def views(husk, rows):
    """Each view: how long until it takes the place of the list, and until what it tells is worked out."""
    worked_out = {"2": "▒", "3": " things", "4": "all sites", "5": r"\d (µs|ms)", "6": "tcp"}
    for key, words in worked_out.items():
        begin = time.monotonic()
        first = husk.types(key, lambda screen: "Destination" not in screen.line(1))
        husk.until(lambda screen: re.search(words, screen.text()))
        rows.append((f"view {key}, what it tells", f"{first:.0f} | {(time.monotonic() - begin) * 1000:.0f}"))
        husk.settle()
        husk.types("1", lambda screen: "Destination" in screen.line(1))


def typing(husk, rows):
    """A filter, applied while it is typed."""
    took, text = [], "tls.handshake.type == 1"
    husk.types("/", lambda screen: "filter:" in screen.line(ROWS - 1))
    for n in range(len(text)):
        took.append(husk.types(text[n], lambda screen: text[: n + 1] in screen.line(ROWS - 1)))
    rows.append(("a letter of a filter", told(took)))
    begin = time.monotonic()
    husk.types("\r", lambda screen: PLACE.search(screen.line(ROWS - 1)) is not None)
    first = (time.monotonic() - begin) * 1000
    husk.until(lambda screen: "…" not in screen.line(1)[60:])
    rows.append(("a filter's first packets, all of them", f"{first:.0f} | {(time.monotonic() - begin) * 1000:.0f}"))
    husk.types("\x1b", lambda screen: "tls.handshake" not in screen.line(1))


def main():
    capture = sys.argv[1]
    husk = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(__file__), "../target/release/husk")
    rows = []
    starts = []
    for _ in range(5):
        one = Husk(husk, capture)
        one.until(Screen.has_rows)
        starts.append((time.monotonic() - one.start) * 1000)
        os.write(one.terminal, b"q")
        os.waitpid(one.child, 0)
    rows.append(("first rows", told(starts)))
    one = Husk(husk, capture)
    one.until(Screen.has_rows)
    if one.screen.reads():
        moving(one, rows)
    one.until(lambda screen: not screen.reads())
    rows.append(("all read, with what was typed meanwhile", f"{(time.monotonic() - one.start) * 1000:.0f} | "))
    one.settle()
    packets = one.screen.place()[1]
    memory = one.memory()
    moving(one, rows)
    typing(one, rows)
    one.settle(2)
    before = one.cpu()
    time.sleep(5)
    idle = one.cpu() - before
    views(one, rows)
    after = one.memory()
    os.write(one.terminal, b"q")
    os.waitpid(one.child, 0)
    print("| what | median or first, ms | longest or last, ms |\n|---|---|---|")
    for name, figures in rows:
        print(f"| {name} | {figures} |")
    kib = memory["RssAnon"]
    print(f"\nidle: {idle:.2f} s of CPU in 5 s")
    print(f"memory when all is read: {kib / 1024:.0f} MiB, {kib * 1024 / max(packets, 1):.0f} bytes a packet; "
          f"after all views: {after['RssAnon'] / 1024:.0f} MiB, at most {after['VmHWM'] / 1024:.0f} MiB with the program itself")


if __name__ == "__main__":
    main()
