#!/usr/bin/env bash
# Instructions that the whole pass takes on some fixtures, without those of starting, counted by callgrind: a number that a busy machine does not
# change. Fails if one differs from what is recorded by more than the tolerance.
#
#   benches/instructions.sh                compare with benches/instructions.txt
#   benches/instructions.sh record         write it anew
set -euo pipefail
cd "$(dirname "$0")/.."
husk=${HUSK:-target/release/husk}
recorded=benches/instructions.txt
tolerance=5 # per cent: compilers differ, and hashes are seeded
captures="browser-h2 browser-h3 dns dnssec http-page https-tls12 https-tls13 tcp-loss-receiver fragments vxlan"
counted=$(mktemp)
trap 'rm -f "$counted" "$counted.out" "$counted.pcap"' EXIT

instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$husk" "$1" > /dev/null 2> "$counted.out"
    sed -n 's/.*Collected : //p' "$counted.out"
}

# What starting costs, on a capture without packets, is taken off.
printf '\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0' > "$counted.pcap"
start=$(instructions "$counted.pcap")
for capture in $captures; do
    echo "$capture $(($(instructions fixtures/"$capture".pcap*) - start))" >> "$counted"
done
if [ "${1:-}" = record ]; then
    cp "$counted" "$recorded"
    cat "$recorded"
    exit
fi
join <(sort "$recorded") <(sort "$counted") | awk -v most="$tolerance" '
    { change = ($3 / $2 - 1) * 100; printf "%-20s %12d %12d %+6.1f %%\n", $1, $2, $3, change }
    change > most || change < -most { bad = 1 }
    END { if (bad) print "more than " most " per cent: if that is meant, benches/instructions.sh record"; exit bad }'
