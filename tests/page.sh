#!/usr/bin/env bash
# The page of `husk report` in a real browser, as far as one is installed: it asks nothing of any network, and the browser
# finds nothing to complain of.
#
#   tests/page.sh [FOLDER]      with a folder: pictures of the page, wide and narrow, light and dark
set -euo pipefail
cd "$(dirname "$0")/.."
browser=$(command -v chromium || command -v chromium-browser || true)
[ -n "$browser" ] || { echo "skipped: there is no chromium here"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quiet=(--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
  --disable-component-update --disable-sync --disable-extensions --disable-default-apps --hide-scrollbars)
husk=${HUSK:-target/debug/husk}

for capture in fixtures/demo.pcapng fixtures/http-page.pcap; do
  "$husk" report "$capture" -o "$work/page.html"
  timeout 120 "$browser" "${quiet[@]}" --user-data-dir="$work/profile" --enable-logging=stderr --log-net-log="$work/net.json" \
    --virtual-time-budget=2000 --dump-dom "file://$work/page.html" >"$work/dom.html" 2>"$work/log" || { cat "$work/log"; exit 1; }
  grep -q "What this capture gives away" "$work/dom.html" || { echo "$capture: the page did not load"; exit 1; }
  if grep "CONSOLE" "$work/log"; then echo "$capture: the browser complains"; exit 1; fi
  # Requests of the browser itself aside, every URL is the file.
  if grep -o '"url":"[^"]*"' "$work/net.json" | sort -u | grep -v '"url":"file:' | grep -iv 'google\|gvt1'; then
    echo "$capture: the page asks a network"; exit 1
  fi
  echo "$capture: no complaint, no request"
done

[ $# -eq 1 ] || exit 0
mkdir -p "$1"
"$husk" report fixtures/demo.pcapng -o "$work/page.html"
for width in 1200 400; do
  for scheme in light dark; do
    dark=(); [ "$scheme" = light ] || dark=(--force-dark-mode --blink-settings=preferredColorScheme=0)
    timeout 120 "$browser" "${quiet[@]}" "${dark[@]}" --user-data-dir="$work/profile" --window-size="$width,${HEIGHT:-3000}" \
      --screenshot="$1/page-$width-$scheme.png" "file://$work/page.html" >/dev/null 2>&1
    echo "$1/page-$width-$scheme.png"
  done
done
