#!/usr/bin/env bash
# Seeds the corpora from the fixtures.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p corpus/{file,filter,keys,packet,settings,stream,ui}
cp ../fixtures/*.pcap ../fixtures/*.pcapng corpus/file/
# The first packets of each classic capture: its link type (big-endian), then the packet's bytes.
python3 - ../fixtures/*.pcap <<'PY'
import struct, sys, os
for path in sys.argv[1:]:
    data = open(path, "rb").read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    link = struct.unpack(order + "I", data[20:24])[0] & 0xffff
    at = 24
    for n in range(40):
        if at + 16 > len(data):
            break
        captured = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        packet = data[at + 16:at + 16 + captured]
        at += 16 + captured
        name = f"{os.path.basename(path)}-{n}"
        open(f"corpus/packet/{name}", "wb").write(struct.pack(">I", link) + packet)
        if len(packet) > 66:
            # A port, a plan of a fifth, and what is said.
            said = packet[54:]
            plan = bytes((7 * step + n) % 256 for step in range(len(said) // 4))
            open(f"corpus/stream/{name}", "wb").write(bytes([n % 6]) + plan + said)
PY
# Settings and observers as the documents have them.
cp ../src/exposure/observer/observers.toml corpus/settings/observers
python3 - ../docs/configuration.md ../docs/observers.md <<'PY'
import re, sys
for path in sys.argv[1:]:
    for n, block in enumerate(re.findall(r"```toml\n(.*?)```", open(path).read(), re.S)):
        open(f"corpus/settings/{path.split('/')[-1]}-{n}", "w").write(block)
PY
# A row of a key log; and for the user interface a screen, a script of keys, a capture.
printf 'CLIENT_RANDOM %064d %096d\n# a comment\n' 1 2 > corpus/keys/row
for capture in ../fixtures/{dns,http-page,https-tls12,arp-nd}.pcap; do
    script='23456j\r?\x1b/tcp\r\x1befvuSocC'
    { printf "\\x50\\x18\\x$(printf %02x 23)$script"; cat "$capture"; } > "corpus/ui/$(basename "$capture")"
done
# The filters of the document.
python3 - ../docs/filters.md <<'PY'
import re, sys
blocks = re.findall(r"```filter\n(.*?)```", open(sys.argv[1]).read(), re.S)
for n, line in enumerate("".join(blocks).splitlines()):
    open(f"corpus/filter/{n}", "w").write(line)
PY
