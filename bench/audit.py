"""Packets per second of a scan, beside dpkt and tshark making the same table of flows of the same capture in this run.
Not here: how a scan works (core/capture), or what the capture is made of (core/capture/examples/flows.rs)."""

import collections
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench.figures import Figure

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".build" / "bench"
EXAMPLE = ("cargo", "run", "-q", "--release", "-p", "ringfence-capture", "--example", "flows", "--")
# All read the same capture, whole. It is in memory by then: nobody waits for a disk.
MEGABYTES = int(os.environ.get("BENCH_AUDIT_MEGABYTES", "2000"))
FLOWS = 200
# For each of very many flows there are a few packets.
MANY, MANY_MEGABYTES = 50_000, min(MEGABYTES, 100)
# What issue and documentation promise: times as fast, MB of memory, and kB for each flow.
DPKT, TSHARK, MEMORY = 50, 100, 300


def example(*arguments: str) -> str:
    return subprocess.run([*EXAMPLE, *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def made(megabytes: int, flows: int = FLOWS) -> Path:
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"calls-{megabytes}-{flows}.pcap"
    example("make", str(path), str(megabytes), str(flows))
    return path


def scanned(path: Path, threads: int = 0) -> tuple[int, float, float]:
    """Packets, packets per second, and MB in memory at most. The better of two: the first one reads from the disk."""
    packets, best, memory = 0, 0.0, 0.0
    for _ in range(2):
        said = example("scan", str(path), str(threads))
        packets = int(re.search(r"(\d+) packets ", said)[1])
        best = max(best, float(re.search(r"(\d+) packets/s", said)[1]))
        peak = re.search(r"VmHWM:\s+(\d+) kB", said)
        memory = max(memory, int(peak[1]) / 1000 if peak else 0.0)
    return packets, best, memory


def by_dpkt(path: Path) -> float | None:
    """dpkt's packets per second, for the table of flows that its documentation shows how to make."""
    try:
        import dpkt
    except ImportError:
        return None
    flows: dict[tuple[object, ...], list[int]] = collections.defaultdict(lambda: [0, 0])
    packets = 0
    transports = (dpkt.udp.UDP, dpkt.tcp.TCP)
    began = time.perf_counter()
    with path.open("rb", buffering=1 << 20) as file:
        for _, frame in dpkt.pcap.Reader(file):
            packets += 1
            ip = dpkt.ethernet.Ethernet(frame).data
            if isinstance(ip, dpkt.ip.IP) and isinstance(ip.data, transports):
                flow = flows[ip.src, ip.dst, ip.data.sport, ip.data.dport, ip.p]
                flow[0] += 1
                flow[1] += len(frame)
    took = time.perf_counter() - began
    return packets / took


def by_tshark(path: Path, packets: int) -> float | None:
    """tshark's packets per second, for its tables of conversations."""
    if shutil.which("tshark") is None:
        return None
    command = ["tshark", "-n", "-q", "-r", str(path), "-z", "conv,udp", "-z", "conv,tcp"]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return packets / (time.perf_counter() - began)


def figures() -> list[Figure]:
    whole = made(MEGABYTES)
    packets, fast, memory = scanned(whole)
    _, alone, _ = scanned(whole, 1)
    dpkt, tshark = by_dpkt(whole), by_tshark(whole, packets)
    many = made(MANY_MEGABYTES, MANY)
    *_, memory_of_many = scanned(many)
    found = [
        Figure(f"a scan of {MEGABYTES} MB, all cores", fast, "pkt/s"),
        Figure("the same on one core", alone, "pkt/s", fast, "all cores"),
        Figure("its memory", memory, "MB", MEMORY),
        Figure(f"memory for {MANY:,} flows", memory_of_many, "MB", MEMORY + MANY / 1000),
    ]
    for name, other, times in (("dpkt", dpkt, DPKT), ("tshark", tshark, TSHARK)):
        if other is None:
            print(f"{name} is not here: no figure beside it", file=sys.stderr)
            continue
        found.append(Figure(f"{name}, the same capture", other, "pkt/s"))
        # As a budget of the time that it takes: at most 1/50 or 1/100 of the other's.
        found.append(Figure(f"our time for a packet, in {name}'s", 1000 * other / fast, "‰", 1000 / times))
    for path in (whole, many):
        path.unlink(missing_ok=True)
    return found
