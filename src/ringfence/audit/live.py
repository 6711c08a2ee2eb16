"""A call that is watched while it runs: packets of an interface, and a view of the terminal that refreshes.
Not here: what is found (`auditing`). Nothing is ever sent."""

import shutil
import socket
import struct
import sys
import time

from ringfence.audit.auditing import Question, report
from ringfence.audit.flows import Scan
from ringfence.audit.text import brief
from ringfence.errors import Refusal

# All protocols (linux/if_ether.h), and kinds of hardware whose frames begin as Ethernet does (linux/if_arp.h).
ALL = 0x0003
LOOPBACK = 772
ETHERNET = (1, LOOPBACK)
# A packet that this machine sends (linux/if_packet.h).
OUTGOING = 4
# Link types of the file format: Ethernet, and bare IP.
LINK_ETHERNET, LINK_RAW = 1, 101
LONGEST = 1 << 18
# How often the view is made anew (seconds).
EVERY = 1.0


def watch(interface: str, question: Question) -> Scan:
    """Until Ctrl-C; what was seen then. Raises RF2504."""
    watched = _Watched(interface)
    try:
        with _opened(interface) as packets:
            shown = 0.0
            while True:
                watched.take(packets)
                if time.monotonic() - shown >= EVERY:
                    shown = time.monotonic()
                    _show(watched.seen(), question)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    return watched.whole()


def _opened(interface: str) -> socket.socket:
    try:
        packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
        packets.bind((interface, 0))
    except OSError as error:
        raise Refusal("RF2504", f"{interface}: {error.strerror}") from None
    packets.settimeout(EVERY / 4)
    return packets


class _Watched:
    """What came so far, as a capture that grows."""

    def __init__(self, interface: str) -> None:
        from ringfence._core import capture

        self._interface = interface
        self._core = capture.Live()
        self._has_begun = False

    def seen(self) -> Scan | None:
        """None before the first packet."""
        return Scan.of(self._interface, self._core.look()) if self._has_begun else None

    def whole(self) -> Scan:
        """With what the scan has kept back until something follows. Raises RF2504 without a packet."""
        if not self._has_begun:
            raise Refusal("RF2504", f"{self._interface}: no packet was seen")
        return Scan.of(self._interface, self._core.finish())

    def take(self, packets: socket.socket) -> None:
        """Whatever comes within a part of a second; what came before a Ctrl-C is kept."""
        until = time.monotonic() + EVERY / 4
        records: list[bytes] = []
        try:
            while time.monotonic() < until:
                frame, address = packets.recvfrom(LONGEST)
                if address[3] == LOOPBACK and address[2] == OUTGOING:
                    continue  # it comes again, as incoming
                if not self._has_begun and not records:
                    records.append(_head(LINK_ETHERNET if address[3] in ETHERNET else LINK_RAW))
                records.append(_record(frame, time.time_ns()))
        except TimeoutError:
            pass
        except OSError as error:
            raise Refusal("RF2504", f"{self._interface}: {error.strerror}") from None
        finally:
            if records:
                self._core.feed(b"".join(records))
                self._has_begun = True


def _head(link: int) -> bytes:
    """Of a file with times in nanoseconds (draft-ietf-opsawg-pcap section 4)."""
    return struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, LONGEST, link)


def _record(frame: bytes, at: int) -> bytes:
    seconds, part = divmod(at, 10**9)
    return struct.pack("<IIII", seconds, part, len(frame), len(frame)) + frame


def _show(scan: Scan | None, question: Question) -> None:
    """As much as the terminal has room for."""
    if not sys.stderr.isatty():
        return
    lines = brief(report(scan, question)) if scan else ["No packet yet."]
    high = shutil.get_terminal_size().lines - 2
    view = "\n".join([*lines[:high], "Ctrl-C ends it with the whole report."])
    print(f"\x1b[H\x1b[2J{view}", file=sys.stderr, flush=True)
