#!/usr/bin/env bash
# Live capture side by side: tcpreplay sends a capture over a veth pair between two network namespaces, at several
# rates and at top speed, to each program in turn. Prints, for each: sent, captured, dropped as the program says, lost.
# For husk also whether the counters add up, and whether the saved file holds what was sent, packet by packet.
#
#   sudo benches/live.sh CAPTURE [SECONDS] [RATE ...]      RATE: packets a second, or `top`
#   HUSK=target/release/husk TOOLS="husk tcpdump dumpcap tshark" sudo -E benches/live.sh big.pcap 3 100000 top
set -euo pipefail
capture=${1:?a capture to send} seconds=${2:-3}
shift; [ $# -gt 0 ] && shift
rates=${*:-100000 200000 400000 top}
husk=$(realpath "${HUSK:-target/release/husk}")
tools=${TOOLS:-husk tcpdump dumpcap tshark}
place=$(mktemp -d "${TMPDIR:-/tmp}/husk-live.XXXXXX")
from=husk-bench-a-$$ to=husk-bench-b-$$

clean() {
  ip netns delete "$from" 2>/dev/null || true
  ip netns delete "$to" 2>/dev/null || true
  rm -rf "$place"
}
trap clean EXIT

ip netns add "$from"
ip netns add "$to"
for end in "$from" "$to"; do
  ip netns exec "$end" sysctl -qw net.ipv6.conf.default.disable_ipv6=1   # neighbours must not speak
done
ip link add v0 netns "$from" mtu 65535 type veth peer name v0 netns "$to" mtu 65535
ip -n "$from" link set v0 up
ip -n "$to" link set v0 up
ip netns exec "$to" sysctl -qw net.ipv4.conf.all.forwarding=0

received() { ip netns exec "$to" cat /sys/class/net/v0/statistics/rx_packets; }

# Starts a program that captures into FILE, in the receiving namespace; its words go to FILE.said.
begin() {
  local tool=$1 file=$2
  case $tool in
    husk)    set -- "$husk" -i v0 -w "$file" -q ;;
    tcpdump) set -- tcpdump -i v0 -B 65536 -w "$file" -Z root ;;
    dumpcap) set -- dumpcap -q -i v0 -B 64 -w "$file" ;;
    tshark)  set -- tshark -n -l -i v0 -B 64 ;;
  esac
  ip netns exec "$to" "$@" >"$file.out" 2>"$file.said" </dev/null &
  pid=$!
  for _ in $(seq 100); do
    grep -qiE 'capturing on|listening on|File:' "$file.said" && break
    sleep 0.1
  done
  sleep 0.5
}

captured() {
  local tool=$1 file=$2
  case $tool in
    husk)    grep -oE '[0-9,]+ packets captured' "$file.said" | tr -d ', a-z' ;;
    tcpdump) sed -nE 's/^([0-9]+) packets captured.*/\1/p' "$file.said" ;;
    dumpcap) grep -oE 'Packets captured: [0-9]+' "$file.said" | grep -oE '[0-9]+$' ;;
    tshark)  wc -l <"$file.out" ;;
  esac
}

dropped() {
  local tool=$1 file=$2
  case $tool in
    husk)    grep -oE '[0-9,]+ (dropped by the kernel|by the interface|by husk)' "$file.said" | tr -d ', a-z' |
               paste -sd+ | bc ;;
    tcpdump) sed -nE 's/^([0-9]+) packets dropped by kernel.*/\1/p' "$file.said" ;;
    dumpcap) grep -oE '[0-9]+/[0-9]+' "$file.said" | head -1 | cut -d/ -f2 ;;
    tshark)  sed -nE 's/^([0-9]+) packets dropped.*/\1/p' "$file.said" | grep . || echo 0 ;;
  esac
}

# Whether the packets of FILE are the first COUNT that were sent, in order.
same() {
  python3 - "$capture" "$1" "$2" <<'PYTHON'
import struct, sys

def pcap(path):
    with open(path, "rb") as file:
        file.read(24)
        while len(head := file.read(16)) == 16:
            yield file.read(struct.unpack("<IIII", head)[2])

def pcapng(path):
    with open(path, "rb") as file:
        while len(head := file.read(8)) == 8:
            kind, length = struct.unpack("<II", head)
            body = file.read(length - 8)
            if kind == 6:
                yield body[20:20 + struct.unpack("<I", body[12:16])[0]]

def again(path):
    while True:
        yield from pcap(path)

count, sent = 0, again(sys.argv[1])
for packet in pcapng(sys.argv[2]):
    if packet != next(sent):
        print(f"no: packet {count + 1} differs"); sys.exit()
    count += 1
print("yes" if count == int(sys.argv[3]) else f"no: {count} packets")
PYTHON
}

printf '%-8s %-8s %10s %10s %9s %7s %8s  %s\n' rate program sent captured dropped lost seconds 'as sent'
for rate in $rates; do
  for tool in $tools; do
    command -v "$tool" >/dev/null || [ "$tool" = husk ] || { echo "$rate $tool: not installed"; continue; }
    file=$place/$tool.pcapng
    begin "$tool" "$file"
    before=$(received)
    if [ "$rate" = top ]; then
      speed=(--topspeed) count=$((seconds * 400000))
    else
      speed=(--pps="$rate") count=$((seconds * rate))
    fi
    ip netns exec "$from" tcpreplay -q -K -i v0 "${speed[@]}" --loop=100 --limit="$count" "$capture" >"$place/sent" 2>&1 ||
      { cat "$place/sent"; exit 1; }
    sending=$(grep -oE 'in [0-9.]+ seconds' "$place/sent" | head -1 | tr -d 'a-z ')
    sent=$(($(received) - before))
    sleep 1
    kill -INT "$pid"
    wait "$pid" || true
    got=$(captured "$tool" "$file") lost=$(dropped "$tool" "$file")
    share=$(echo "scale=2; 100 * ($sent - ${got:-0}) / $sent" | bc)
    note=
    if [ "$tool" = husk ]; then
      note=$(same "$file" "$got")
      [ "$sent" = $((got + lost)) ] || note="$note; the counters do not add up"
    fi
    printf '%-8s %-8s %10s %10s %9s %6s%% %8s  %s\n' "$rate" "$tool" "$sent" "${got:-?}" "${lost:-?}" "$share" "$sending" "$note"
    rm -f "$file"*
  done
done
