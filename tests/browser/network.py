"""A network of this test's own, with a way out that leads nowhere, and a record of what is sent on it.
Knows packets, not what is in them: wire.py reads those."""

import ctypes
import os
import select
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
PACKET_OUTGOING = 4
OUTSIDE = "10.88.0.2"  # our own address on the way out
AWAY = ip_network("10.77.0.0/24")  # of tests whose browser is a host of its own: the server is in it, too
TCP, UDP = 6, 17
# Kernels speak these by themselves, of groups, routers and neighbours (IPv6 options, IGMP, ICMPv6).
KERNEL = {0, 2, 58}
Address = IPv4Address | IPv6Address
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Packet:
    at: float
    protocol: int
    source: Address
    source_port: int
    target: Address
    target_port: int
    payload: bytes
    sequence: int  # of TCP, else 0


def may_have_own_network() -> bool:
    return os.geteuid() == 0


@contextmanager
def own_network() -> Iterator[None]:
    """This process and all it starts are alone: loopback, and a default route into the void."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    _check(_libc.unshare(CLONE_NEWNET))
    try:
        for words in (
            "link set lo up",
            "link add out type veth peer name void",
            "link set out arp off",
            f"addr add {OUTSIDE}/24 dev out",
            "-6 addr add fd88::2/64 dev out nodad",
            "link set out up",
            "link set void up",
            "route add default via 10.88.0.1",
            "-6 route add default via fd88::1",
        ):
            subprocess.run(["ip", *words.split()], check=True)
        yield
    finally:
        _check(_libc.setns(before, CLONE_NEWNET))
        os.close(before)


@contextmanager
def within(name: str) -> Iterator[None]:
    """What this thread opens belongs to the network of that name."""
    before, there = os.open("/proc/thread-self/ns/net", os.O_RDONLY), os.open(f"/run/netns/{name}", os.O_RDONLY)
    _check(_libc.setns(there, CLONE_NEWNET))
    try:
        yield
    finally:
        _check(_libc.setns(before, CLONE_NEWNET))
        os.close(before)
        os.close(there)


def _check(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class Capture:
    """What is sent on every interface, as far as `wanted` says, from start to stop."""

    def __init__(self, wanted: Callable[[Packet], bool]) -> None:
        self._wanted = wanted
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
        # More than the system lets a socket have by itself: who reads here is not always quick.
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 25)
        self._packets: list[Packet] = []
        self._came = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ending:
            if not select.select([self._socket], [], [], 0.1)[0]:
                continue
            data, (_, _, kind, _, _) = self._socket.recvfrom(1 << 17)
            if kind != PACKET_OUTGOING:  # loopback shows each packet twice
                continue
            packet = _read(data)
            if packet and self._wanted(packet):
                with self._came:
                    self._packets.append(packet)
                    self._came.notify_all()

    @property
    def packets(self) -> list[Packet]:
        return list(self._packets)

    def wait(self, count: int, seconds: float) -> None:
        """Until there are so many packets, at most so long."""
        with self._came:
            self._came.wait_for(lambda: len(self._packets) >= count, seconds)

    def stop(self) -> list[Packet]:
        self._ending = True
        self._thread.join()
        self._socket.close()
        return self._packets

    def __enter__(self) -> "Capture":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _read(data: bytes) -> Packet | None:
    if data[0] >> 4 == 4:
        protocol, start = data[9], (data[0] & 15) * 4
        source, target = ip_address(data[12:16]), ip_address(data[16:20])
    elif data[0] >> 4 == 6:
        protocol, start = data[6], 40
        source, target = ip_address(data[8:24]), ip_address(data[24:40])
    else:
        return None
    body, ports, sequence = data[start:], (0, 0), 0
    if protocol in (TCP, UDP):
        ports = struct.unpack(">HH", body[:4])
    if protocol == TCP:
        sequence = int.from_bytes(body[4:8], "big")
        body = body[(body[12] >> 4) * 4 :]
    elif protocol == UDP:
        body = body[8:]
    return Packet(time.time(), protocol, source, ports[0], target, ports[1], body, sequence)


def leaves(packet: Packet) -> bool:
    """True of what goes anywhere but to this machine, and of every question to a name server."""
    if packet.target_port in (53, 853, 5353):
        return True
    if packet.protocol in KERNEL:
        return False
    own = packet.target.is_loopback or str(packet.target) in (OUTSIDE, "fd88::2") or packet.target in AWAY
    return not own


def media(packet: Packet) -> bool:
    return packet.protocol == UDP
