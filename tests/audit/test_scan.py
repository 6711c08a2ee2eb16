"""A scan from Python: what it gives, who can stop it, and the same of a capture while it is made.
Not here: what is read of a capture (core/capture/tests), or what it means (the other files here)."""

import json
import signal
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence._core import capture
from ringfence.errors import Refusal


def made(packets: int) -> bytes:
    """A pcap file of datagrams between two peers, one each millisecond."""
    file = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    for number in range(packets):
        payload = b"hello %d" % number
        datagram = struct.pack(">HHHH", 4000, 53, 8 + len(payload), 0) + payload
        header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 7, 0, 64, 17, 0)
        packet = header + bytes([10, 0, 0, 1, 192, 0, 2, 7]) + datagram
        file.append(struct.pack("<IIII", 1_600_000_000, number * 1000, len(packet), len(packet)) + packet)
    return b"".join(file)


def test_a_scan_gives_flows_with_their_peers_times_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "call.pcap"
    path.write_bytes(made(20))
    scan = capture.scan(path)
    (flow,) = scan.flows
    assert (flow.transport, flow.a, flow.b) == ("udp", ("10.0.0.1", 4000), ("192.0.2.7", 53))
    assert (flow.forth["packets"], flow.back["packets"], flow.tcp) == (20, 0, None)
    assert flow.last_ns - flow.first_ns == 19_000_000
    assert flow.timeline is not None and sum(flow.timeline["forth"]) == flow.forth["bytes"]
    assert (scan.format, scan.compressed, scan.interfaces[0]["link"]) == ("pcap", False, "raw")
    told = json.loads(scan.to_json())
    assert told["flows"][0]["forth"] == flow.forth and told["counts"] == scan.counts


def test_what_cannot_be_scanned_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "diary.txt"
    text.write_text("Dear diary")
    for path, code in ((tmp_path, "RF2501"), (tmp_path / "nothing", "RF2501"), (text, "RF2502")):
        with pytest.raises(Refusal) as refused:
            capture.scan(path)
        assert refused.value.code == code


def test_a_capture_being_made_is_scanned_as_it_comes() -> None:
    live, file = capture.Live(), made(20)
    for start in range(0, len(file), 33):
        live.feed(file[start : start + 33])
        live.look()
    # Whether the last one is whole shows only when another follows, or when nothing does.
    assert live.look().counts["packets"] == 19
    assert live.finish().counts["packets"] == 20
    with pytest.raises(Refusal):
        capture.Live().feed(b"GET / HTTP/1.1\r\nHost: example\r\n\r\n")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A shell starts what runs in its background with interrupts ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_who_is_told_of_the_progress_can_stop_a_scan(tmp_path: Path) -> None:
    path = tmp_path / "long.pcap"
    header, packets = made(0), made(5000)[24:]
    with path.open("wb") as file:
        file.write(header)
        for _ in range(300):
            file.write(packets)

    def stop(done: int, whole: int) -> None:
        assert 0 < done <= whole == path.stat().st_size
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        capture.scan(path, progress=stop, threads=1)
