"""A call that is watched while it runs: packets of an interface, and a view of the terminal that refreshes.
Not here: what is found (`auditing`). Nothing is ever sent."""

import shutil
import socket
import struct
import sys
import time

from ringfence.audit.auditing import Question, report
from ringfence.audit.flows import Scan
from ringfence.audit.text import text
from ringfence.errors import Refusal

# All protocols (linux/if_ether.h), and kinds of hardware whose frames begin as Ethernet does (linux/if_arp.h).
ALL = 0x0003
ETHERNET = (1, 772)
# Link types of the file format: Ethernet, and bare IP.
LINK_ETHERNET, LINK_RAW = 1, 101
LONGEST = 1 << 18
# How often the view is made anew (seconds).
EVERY = 1.0


def watch(interface: str, question: Question) -> Scan:
    """Until Ctrl-C; what was seen then. Raises RF2504."""
    from ringfence._core import capture

    core = capture.Live()
    began = False
    try:
        with _opened(interface) as packets:
            shown = 0.0
            while True:
                began = _take(core, packets, began) or began
                if time.monotonic() - shown >= EVERY:
                    shown = time.monotonic()
                    _show(Scan.of(interface, core.look()) if began else None, question)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    if not began:
        raise Refusal("RF2504", f"{interface}: no packet was seen")
    return Scan.of(interface, core.look())


def _opened(interface: str) -> socket.socket:
    try:
        packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
        packets.bind((interface, 0))
    except OSError as error:
        raise Refusal("RF2504", f"{interface}: {error.strerror}") from None
    packets.settimeout(EVERY / 4)
    return packets


def _take(core: object, packets: socket.socket, began: bool) -> bool:
    """What comes within a part of a second, as records of a capture; whether anything did."""
    until = time.monotonic() + EVERY / 4
    records: list[bytes] = []
    while time.monotonic() < until:
        try:
            frame, address = packets.recvfrom(LONGEST)
        except TimeoutError:
            break
        except OSError as error:
            raise Refusal("RF2504", str(error.strerror)) from None
        if not began and not records:
            link = LINK_ETHERNET if address[3] in ETHERNET else LINK_RAW
            # The head of a file with times in nanoseconds.
            records.append(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, LONGEST, link))
        seconds, part = divmod(time.time_ns(), 10**9)
        records.append(struct.pack("<IIII", seconds, part, len(frame), len(frame)) + frame)
    if records:
        core.feed(b"".join(records))  # type: ignore[attr-defined]
    return bool(records)


def _show(scan: Scan | None, question: Question) -> None:
    """As much as the terminal has room for."""
    if not sys.stderr.isatty():
        return
    lines = text(report(scan, question)).splitlines() if scan else ["No packet yet."]
    high = shutil.get_terminal_size().lines - 2
    view = "\n".join([*lines[:high], "Ctrl-C ends it with the whole report."])
    print(f"\x1b[H\x1b[2J{view}", file=sys.stderr, flush=True)
