#!/usr/bin/env python3
"""Captures made to exhaust whoever reads them, and every command of husk on each of them.

    fuzz/limits.py target/release/husk [NAME ...]

Each command gets a gigabyte of address space and a minute of CPU time. What is printed: the capture, its size, the
command, its exit code, the most memory that it had, the CPU time, and the first words on standard error. It fails if a
command was ended by a signal, panicked, or had another exit code than 0 and 2.
"""
import gzip
import os
import resource
import struct
import subprocess
import sys
import tempfile
import zlib

ADDRESS_SPACE = 1 << 30
CPU_SECONDS = 60


def pcap(packets, link=228):
    """A capture file of (time in seconds, bytes)."""
    out = [struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for time, packet in packets:
        out.append(struct.pack("<IIII", int(time), int(time * 1e6) % 1000000, len(packet), len(packet)) + packet)
    return b"".join(out)


def ip(payload, protocol=6, source=(10, 0, 0, 1), target=(10, 0, 0, 2), fragment=b"\0\0\0\0"):
    head = struct.pack(">BBH", 0x45, 0, min(20 + len(payload), 65535)) + fragment
    return head + bytes([64, protocol, 0, 0, *source, *target]) + payload


def tcp(payload, seq, ports=(40000, 80), flags=0x10, back=False):
    ports = ports[::-1] if back else ports
    ends = {"source": (10, 0, 0, 2), "target": (10, 0, 0, 1)} if back else {}
    head = struct.pack(">HHIIBBHHH", *ports, seq & 0xFFFFFFFF, 1, 0x50, flags, 65535, 0, 0)
    return ip(head + payload, **ends)


def udp(payload, ports=(40000, 53), **ends):
    return ip(struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload, 17, **ends)


def said(client, server, ports=(40000, 80), step=1400):
    """A TCP flow in which the client speaks, then the server."""
    yield 0, tcp(b"", 0, ports, 2)
    yield 0, tcp(b"", 0, ports, 0x12, back=True)
    for back, text in ((False, client), (True, server)):
        for at in range(0, len(text), step):
            yield 0, tcp(text[at:at + step], 1 + at, ports, back=back)


def http(coding, body):
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding, len(body))
    return pcap(said(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", head + body))


def tool(command, data):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


SECTION = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
INTERFACE = block(1, struct.pack("<HHI", 1, 0, 0))


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def packet_block(packet, options=b""):
    head = struct.pack("<IIIII", 0, 0, 0, len(packet), len(packet))
    return block(6, head + packet + b"\0" * (-len(packet) % 4) + options)


def der(tag, body):
    n = len(body)
    length = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + length + body


def nested(tag, depth):
    body = b""
    for _ in range(depth):
        body = der(tag, body)
    return body


def tls(handshakes):
    """Handshake messages in records."""
    out = b""
    for kind, body in handshakes:
        message = bytes([kind]) + len(body).to_bytes(3, "big") + body
        for at in range(0, len(message), 16384):
            part = message[at:at + 16384]
            out += b"\x16\x03\x03" + struct.pack(">H", len(part)) + part
    return out


def certificates(chain):
    body = b"".join(len(one).to_bytes(3, "big") + one for one in chain)
    hello = b"\x03\x03" + b"r" * 32 + b"\0" + b"\xc0\x2f\0"
    return tls([(2, hello), (11, len(body).to_bytes(3, "big") + body)])


CLIENT_HELLO = tls([(1, b"\x03\x03" + b"r" * 32 + b"\0" + b"\0\x02\xc0\x2f" + b"\x01\0")])


def dns_pointers(count):
    message = struct.pack(">HHHHHH", 7, 0x8180, 1, 0, 0, 0)
    chain = b"\0" + b"".join(struct.pack(">H", 0xC000 | (12 if n == 0 else 13 + 2 * (n - 1))) for n in range(count))
    return message + struct.pack(">H", 0xC000 | (13 + 2 * (count - 1))) + b"\0\x01\0\x01" + chain


def tunnels(depth):
    packet = udp(b"x")
    for _ in range(depth):
        packet = ip(packet, 4)
    return packet


def captures():
    zeros = lambda n: bytes(n)
    one = udp(dns_pointers(1))
    yield "gzip-bomb.pcap.gz", lambda: gzip.compress(pcap([(0, one)]) + zeros(400 << 20), 9)
    yield "gzip-of-packets.pcap.gz", lambda: gzip.compress(pcap([(0, ip(zeros(60000), 99))] * 6000), 9)
    yield "zstd-bomb.pcap.zst", lambda: tool(["zstd", "-19", "--ultra", "-c"], pcap([(0, one)]) + zeros(400 << 20))
    yield "lz4-bomb.pcap.lz4", lambda: tool(["lz4", "-9", "-c"], pcap([(0, one)]) + zeros(400 << 20))
    yield "http-gzip.pcap", lambda: http(b"gzip", gzip.compress(zeros(1 << 30), 9))
    yield "http-deflate.pcap", lambda: http(b"deflate", zlib.compress(zeros(1 << 30), 9))
    yield "http-gzip-gzip.pcap", lambda: http(b"gzip, gzip", gzip.compress(gzip.compress(zeros(1 << 30), 9), 9))
    yield "http-zstd.pcap", lambda: http(b"zstd", tool(["zstd", "-19", "-c"], zeros(1 << 30)))
    yield "http-br.pcap", lambda: http(b"br", tool(["brotli", "-c"], zeros(256 << 20)))
    yield "http-many-bombs.pcap", lambda: pcap(many_bombs())
    yield "http-head-by-byte.pcap", lambda: pcap(said(b"GET / HTTP/1.1\r\nX: " + b"a" * 200000, b"", step=1))
    yield "vlans.pcap", lambda: pcap([(0, b"\0" * 12 + b"\x81\0\0\x01" * 100 + b"\x08\0" + one)] * 1000, 1)
    yield "ip-in-ip.pcap", lambda: pcap([(0, tunnels(n % 400)) for n in range(2000)])
    yield "mpls.pcap", lambda: pcap([(0, b"\0" * 12 + b"\x88\x47" + b"\0\0\0\x40" * 15000)] * 40, 1)
    yield "dns-pointers.pcap", lambda: pcap([(0, udp(dns_pointers(8000)))] * 300)
    yield "dns-counts.pcap", lambda: pcap([(0, udp(struct.pack(">HHHHHH", n & 0xFFFF, 0, *[65535] * 4) + b"\0\0\1\0\1" * 12000)) for n in range(40)])
    yield "certificates.pcap", lambda: pcap(said(CLIENT_HELLO, certificates([b""] * 40000), (40000, 443)))
    yield "nested-asn1.pcap", lambda: pcap(said(CLIENT_HELLO, certificates([nested(0x30, 9000)]), (40000, 443)))
    yield "snmp-nested.pcap", lambda: pcap([(0, udp(nested(0x30, 9000), (40000, 161)))] * 100)
    yield "socks-in-socks.pcap", lambda: pcap(socks(2000))
    yield "http-connects.pcap", lambda: pcap(said(b"CONNECT a:1 HTTP/1.1\r\n\r\n" * 20000, b"HTTP/1.1 200 OK\r\n\r\n" * 20000))
    yield "flows.pcap", lambda: pcap((n / 1e4, udp(b"x", source=(10, n >> 16 & 255, n >> 8 & 255, n & 255))) for n in range(1000000))
    yield "tcp-flows.pcap", lambda: pcap((n / 1e4, tcp(b"", n, (n & 0xFFFF, 80 + (n >> 16)), 2)) for n in range(1000000))
    yield "holes.pcap", lambda: pcap([(0, tcp(b"", 0, flags=2))] + [(0, tcp(b"x" * 8, 10 + 16 * n)) for n in range(300000)])
    yield "held.pcap", lambda: pcap(held())
    yield "again.pcap", lambda: pcap(list(said(b"GET / HTTP/1.1\r\n\r\n" * 4000, b"", step=36)) + [(1, tcp(b"GET / HTTP/1.1\r\n\r\n", 1 + 18 * n)) for n in range(4000)] * 5)
    yield "fragments.pcap", lambda: pcap((0, ip(b"y" * 8, 17, fragment=struct.pack(">HH", n & 0xFFFF, 0x2000))) for n in range(200000))
    yield "tiny-fragments.pcap", lambda: pcap((0, ip(b"y" * 8, 17, fragment=struct.pack(">HH", 1, 0x2000 | n % 8191))) for n in range(200000))
    yield "questions.pcap", lambda: pcap((0, udp(struct.pack(">HHHHHH", n & 0xFFFF, 0x100, 1, 0, 0, 0) + b"\1a\0\0\1\0\1")) for n in range(100000))
    yield "interfaces.pcapng", lambda: SECTION + INTERFACE * 1000000 + packet_block(b"\0" * 60)
    yield "sections.pcapng", lambda: (SECTION + INTERFACE + packet_block(b"\0" * 60)) * 200000
    yield "comments.pcapng", lambda: SECTION + INTERFACE + packet_block(b"\0" * 60, option(1, b"c" * 60000)) * 2000
    yield "options.pcapng", lambda: SECTION + INTERFACE + packet_block(b"\0" * 60, option(1, b"") * 3000000)
    yield "names.pcapng", lambda: SECTION + block(4, (struct.pack("<HH", 1, 8) + b"\x0a\0\0\1abc\0") * 1000000) * 3 + INTERFACE + packet_block(b"\0" * 60)
    yield "long-block.pcapng", lambda: SECTION + INTERFACE + packet_block(b"\0" * 60) + struct.pack("<II", 6, 0x7FFFFFF0) + bytes(1 << 20)
    yield "long-packet.pcap", lambda: pcap([(0, one)]) + struct.pack("<IIII", 0, 0, 0x7FFFFFFF, 0x7FFFFFFF) + bytes(1 << 20)
    yield "unknown-blocks.pcapng", lambda: SECTION + b"".join(block(0x80000000 + n, b"") for n in range(500000)) + INTERFACE + packet_block(b"\0" * 60)


def held():
    """More bytes beyond holes than all flows together may keep."""
    for flow in range(150):
        ports = (1024 + flow, 80)
        yield 0, tcp(b"", 0, ports, flags=2)
        for n in range(64):
            yield 0, tcp(bytes(61440), 10 + 61440 * n, ports)


def many_bombs():
    body = gzip.compress(bytes(15 << 20), 9)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    return said(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n" * 100, (head + body) * 100)


def socks(depth):
    hello, request = b"\x05\x01\0", b"\x05\x01\0\x01\x0a\0\0\1\x04\x38"
    agreed, reply = b"\x05\0", b"\x05\0\0\x01\x0a\0\0\1\x04\x38"
    yield 0, tcp(b"", 0, (40000, 1080), 2)
    yield 0, tcp(b"", 0, (40000, 1080), 0x12, back=True)
    client = server = 1
    for _ in range(depth):
        for question, answer in ((hello, agreed), (request, reply)):
            yield 0, tcp(question, client, (40000, 1080))
            yield 0, tcp(answer, server, (40000, 1080), back=True)
            client, server = client + len(question), server + len(answer)


COMMANDS = [[], ["list"], ["messages"], ["flows"], ["exposure", "--by", "flow", "--by", "host", "--by", "name"],
            ["fields", "-e", "ip.src", "-e", "http.host", "-e", "dns.qry.name"], ["show", "1"], ["show", "LAST"],
            ["follow", "0"], ["units", "0"], ["list", "--json", "-Y", "frame.number > 5"], ["leaks"], ["report"]]


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(husk, command, path, last):
    arguments = [str(last) if word == "LAST" else word for word in command]
    # The capture stands behind the command's name and before what it takes.
    arguments = arguments[:1] + [path] + arguments[1:] if arguments else [path]
    if arguments[0] == "report":
        arguments += ["--html", os.devnull]
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen([husk, *arguments], stdout=subprocess.DEVNULL, stderr=errors, preexec_fn=limited)
        _, status, used = os.wait4(child.pid, 0)
        errors.seek(0)
        told = errors.read(400).decode("utf-8", "replace").strip().splitlines()
    return os.waitstatus_to_exitcode(status), used.ru_maxrss >> 10, used.ru_utime + used.ru_stime, told


def main():
    husk, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    known = subprocess.run([husk, "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
    commands = [command for command in COMMANDS if not command or f"\n  {command[0]} " in known]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, make in captures():
            if wanted and name not in wanted:
                continue
            path = os.path.join(folder, name)
            try:
                content = make()
            except FileNotFoundError as missing:
                print(f"{name}: skipped, {missing.filename} is not installed")
                continue
            with open(path, "wb") as file:
                file.write(content)
            size = len(content)
            del content
            counted = subprocess.run([husk, "fields", path, "-e", "frame.number"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            last = counted.stdout.count(b"\n") or 1
            for command in commands:
                code, most, seconds, told = run(husk, command, path, last)
                wrong = code not in (0, 2) or any("panicked" in line for line in told)
                bad += wrong
                print(f"{'BAD ' if wrong else ''}{name} {size:,} B  {' '.join(command) or 'FILE'}: exit {code}, {most} MB, {seconds:.1f} s  {' | '.join(told)[:160].replace(path, 'FILE')}", flush=True)
            os.unlink(path)
    sys.exit(bad > 0)


main()
