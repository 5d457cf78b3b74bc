#!/usr/bin/env bash
# husk and the peers that are installed, on one capture, one after the other: CPU seconds of each (user + system, the
# mean of the runs), and how many times husk's that is.
#
#   benches/peers.sh CAPTURE [RUNS]        HUSK=path/to/husk benches/peers.sh CAPTURE
set -euo pipefail
capture=${1:?usage: benches/peers.sh CAPTURE [RUNS]}
runs=${2:-5}
husk=${HUSK:-$(dirname "$0")/../target/release/husk}
results=$(mktemp)
trap 'rm -f "$results"' EXIT
cat "$capture" > /dev/null # into the page cache

# What is done, and with what.
measure() {
    command -v "$2" > /dev/null || { echo "$1: not installed"; return 0; }
    shift_to=$1
    shift
    hyperfine --shell=none --warmup 1 --runs "$runs" --output null --export-json "$results" -- "$*" > /dev/null 2>&1 ||
        { echo "$shift_to: failed"; return 0; }
    jq -r --arg what "$shift_to" --arg ours "${ours:-}" '.results[0] | (.user + .system) as $cpu
        | "\($what)\t\($cpu * 1000 | round / 1000)\t\(if $ours == "" then "" else ($cpu / ($ours | tonumber) * 100 | round / 100) end)"' \
        "$results"
}

printf 'program\tCPU s\ttimes husk'"'"'s\n'
ours=
line=$(measure "husk, whole pass" "$husk" "$capture")
ours=$(cut -f2 <<< "$line")
printf '%s1\n' "$line"
measure "tcpdump -w /dev/null" tcpdump -r "$capture" -w /dev/null
measure "husk list" "$husk" list "$capture"
measure "tshark, summary" tshark -n -r "$capture"
measure "husk fields, SNI" "$husk" fields "$capture" -e tls.handshake.extensions_server_name
measure "tshark fields, SNI" tshark -n -r "$capture" -T fields -e tls.handshake.extensions_server_name
measure "husk list --json" "$husk" list --json "$capture"
measure "tshark -T ek" tshark -n -r "$capture" -T ek
measure "husk list -Y" "$husk" list "$capture" -Y tcp.flags.syn==1
measure "tshark -Y" tshark -n -r "$capture" -Y tcp.flags.syn==1
measure "capinfos" capinfos "$capture"
measure "dsct stats" dsct stats "$capture"
measure "ndpiReader" ndpiReader -q -i "$capture"
