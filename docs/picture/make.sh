#!/usr/bin/env bash
# Makes docs/screen.svg and docs/first-minute.cast from the real program. Needs bash, tmux, python3, and a built husk:
#   cargo build --release && docs/picture/make.sh [HUSK]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
husk=$(realpath "${1:-$root/target/release/husk}")
columns=120 rows=36
for tool in tmux python3; do
  command -v "$tool" >/dev/null || { echo "make.sh: $tool is missing" >&2; exit 1; }
done
[ -x "$husk" ] || { echo "make.sh: no program at $husk: cargo build --release" >&2; exit 1; }

# A server of its own, without the user's settings, so that the picture is the same everywhere.
work=$(mktemp -d)
session=(tmux -S "$work/socket" -f /dev/null)
trap '"${session[@]}" kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/config"
"${session[@]}" new-session -d -x "$columns" -y "$rows" \
  "env XDG_CONFIG_HOME=$work/config COLORTERM=truecolor TERM=tmux-256color '$husk' demo"
"${session[@]}" set -g status off
"${session[@]}" set -ga terminal-overrides ',*:Tc'
sleep 2

# The ClientHello of the shop, with the field that holds its name.
"${session[@]}" send-keys g 3 3 Enter
sleep 2
"${session[@]}" capture-pane -e -p -N | python3 "$here/screen_to_svg.py" "$columns" "$rows" > "$root/docs/screen.svg"
"${session[@]}" kill-server
python3 "$here/record.py" "$husk" "$root/docs/first-minute.cast"
