#!/usr/bin/env python3
"""Draws a terminal's screen as SVG: `tmux capture-pane -e -p | screen_to_svg.py COLUMNS ROWS > screen.svg`.

Reads characters and colours (SGR: 16, 256 and true colours, bold, dim, reversed). Shades and blocks are drawn as
rectangles, so that they are exact without a special font. Needs nothing but Python.
"""

import re
import sys
import unicodedata
from html import escape

WIDTH, HEIGHT, BASE = 8.4, 18, 13.5
PAPER, INK = "#16181d", "#d7dae0"
BASIC = ["#23262e", "#e06c75", "#8fc379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
         "#6b7280", "#ff8790", "#a8e08f", "#ffd890", "#85c7ff", "#dd98f2", "#77d7e3", "#ffffff"]
# What part of a cell a character fills, from the left, and how densely.
BLOCKS = {"█": (1, 1), "▓": (1, 0.75), "▒": (1, 0.5), "░": (1, 0.25), "▌": (0.5, 1), "▏": (0.125, 1)}


def indexed(n):
    if n < 16:
        return BASIC[n]
    if n < 232:
        levels = [0, 95, 135, 175, 215, 255]
        n -= 16
        return "#%02x%02x%02x" % (levels[n // 36], levels[n // 6 % 6], levels[n % 6])
    return "#%02x%02x%02x" % ((8 + 10 * (n - 232),) * 3)


class Pen:
    """The colours in force."""

    def __init__(self):
        self.fg, self.bg, self.bold, self.dim, self.reverse = None, None, False, False, False

    def apply(self, codes):
        codes = [int(code or 0) for code in re.split("[;:]", codes)]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.__init__()
            elif code in (38, 48) and codes:
                kind = codes.pop(0)
                if kind == 5:
                    colour = indexed(codes.pop(0))
                else:
                    colour = "#%02x%02x%02x" % tuple(codes[:3])
                    del codes[:3]
                setattr(self, "fg" if code == 38 else "bg", colour)
            elif code in (1, 22):
                self.bold, self.dim = code == 1, False
            elif code == 2:
                self.dim = True
            elif code in (7, 27):
                self.reverse = code == 7
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.fg = BASIC[code - 30 if code < 90 else code - 82]
            elif 40 <= code <= 47 or 100 <= code <= 107:
                self.bg = BASIC[code - 40 if code < 100 else code - 92]
            elif code == 39:
                self.fg = None
            elif code == 49:
                self.bg = None

    def style(self):
        fg, bg = self.fg or INK, self.bg
        if self.reverse:
            fg, bg = bg or PAPER, fg
        return fg, bg, self.bold, self.dim


def cells(line, pen):
    """(column, character, style) of one line of the screen."""
    column = 0
    for escaped, character in re.findall(r"\x1b\[([0-9;:]*)m|([^\x1b])", line):
        if not character:
            pen.apply(escaped)
            continue
        yield column, character, pen.style()
        column += 2 if unicodedata.east_asian_width(character) in "WF" else 1


def runs(row):
    """Neighbouring cells of one style, joined."""
    out = []
    for column, character, style in row:
        kind = character if character in BLOCKS else None
        if out and out[-1][2] == style and out[-1][3] == kind and out[-1][0] + len(out[-1][1]) == column:
            out[-1][1] += character
        else:
            out.append([column, character, style, kind])
    return out


def main():
    columns, rows = int(sys.argv[1]), int(sys.argv[2])
    # Between two lines tmux keeps the colours.
    pen = Pen()
    lines = sys.stdin.read().split("\n")[:rows]
    width, height = columns * WIDTH, rows * HEIGHT
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -12 {width + 24:.0f} {height + 24:.0f}" '
          f'font-family="ui-monospace,\'DejaVu Sans Mono\',Menlo,Consolas,monospace" font-size="14">')
    print(f'<rect x="-12" y="-12" width="{width + 24:.0f}" height="{height + 24:.0f}" rx="8" fill="{PAPER}"/>')
    for y, line in enumerate(lines):
        for column, text, (fg, bg, bold, dim), block in runs(cells(line, pen)):
            x, top, wide = column * WIDTH, y * HEIGHT, len(text) * WIDTH
            if bg:
                print(f'<rect x="{x:.1f}" y="{top}" width="{wide:.1f}" height="{HEIGHT}" fill="{bg}"/>')
            faint = 0.6 if dim else 1
            if block:
                part, dense = BLOCKS[block]
                print(f'<rect x="{x:.1f}" y="{top + 2}" width="{wide * part:.1f}" height="{HEIGHT - 4}" fill="{fg}" '
                      f'opacity="{dense * faint:g}"/>')
            else:
                weight = ' font-weight="bold"' if bold else ""
                clear = f' opacity="{faint:g}"' if dim else ""
                # Several spaces would be drawn as one.
                for word in re.finditer(r"\S+(?: \S+)*", text):
                    at, long = x + word.start() * WIDTH, len(word[0]) * WIDTH
                    print(f'<text x="{at:.1f}" y="{top + BASE}" textLength="{long:.1f}" '
                          f'fill="{fg}"{weight}{clear}>{escape(word[0])}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
