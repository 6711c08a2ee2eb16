"""RTP that ffmpeg sends without encryption: each codec whose syntax is known is called readable, by its name; of the
others nothing is concluded."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.tshark import differences
from captures.world import SFU
from ringfence import audit
from ringfence.audit import Flow, Report

from .hosts import Host

PICTURES = "testsrc2=size=320x240:rate=25,format=yuv420p"
SOUND = "sine=frequency=300:beep_factor=4:sample_rate=48000"
QUICK = ("-preset", "ultrafast")
LIVE = ("-deadline", "realtime", "-cpu-used", "8")
PHONE = ("-ar", "8000", "-ac", "1")
# What ffmpeg is told, and how it is called.
CODECS = {
    "H.264": ("-c:v", "libx264", *QUICK, "-tune", "zerolatency", "-g", "25"),
    "H.265": ("-c:v", "libx265", *QUICK, "-x265-params", "log-level=none"),
    "VP8": ("-c:v", "libvpx", *LIVE),
    "VP9": ("-c:v", "libvpx-vp9", *LIVE, "-strict", "experimental"),
    "MPEG-4 video": ("-c:v", "mpeg4"),
    "MPEG video": ("-c:v", "mpeg2video"),
    "Opus": ("-c:a", "libopus"),
    "G.711 mu-law": ("-c:a", "pcm_mulaw", *PHONE),
    "G.711 A-law": ("-c:a", "pcm_alaw", *PHONE),
    "G.722": ("-c:a", "g722", "-ar", "16000", "-ac", "1"),
    "AAC": ("-c:a", "aac"),
    "MPEG audio": ("-c:a", "mp2"),
    "L16": ("-c:a", "pcm_s16be", "-ar", "44100"),
}
# Of these no syntax is known here.
OTHERS = {
    "JPEG": ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-huffman", "default", "-force_duplicated_matrix", "1"),
    "H.263": ("-c:v", "h263p"),
    "Speex": ("-c:a", "libspeex", "-ar", "16000", "-ac", "1"),
    "G.726": ("-c:a", "g726", *PHONE, "-b:a", "32k"),
    "Theora": ("-c:v", "libtheora"),
    "Vorbis": ("-c:a", "libvorbis"),
}
PORT = 40_000


@dataclass(frozen=True)
class Sent:
    file: Path
    flows: dict[str, Flow]
    report: Report
    scan: audit.Scan


@pytest.fixture(scope="module")
def sent(device: Host, servers: Host, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """Every codec in a stream of its own, from the device to a server that takes it and says nothing."""
    words = ["ffmpeg", "-loglevel", "error", "-nostdin"]
    words += ["-t", "6", "-f", "lavfi", "-i", PICTURES, "-t", "20", "-f", "lavfi", "-i", SOUND]
    ports = {PORT + 2 * at: name for at, name in enumerate(CODECS | OTHERS)}
    with ExitStack() as open_, servers.inside():
        for port, name in ports.items():
            for one in (port, port + 1):
                listens = open_.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                listens.bind((SFU.v4, one))
            codec = (CODECS | OTHERS)[name]
            words += ["-map", "0:v" if "-c:v" in codec else "1:a", *codec, "-f", "rtp", f"rtp://{SFU.v4}:{port}"]
        file = tmp_path_factory.mktemp("plain") / "ffmpeg.pcap"
        with device.recorded(file, kept=False):
            device.run(*words)
    seen = audit.open(file)
    flows = {ports[flow.b.port]: flow for flow in seen.flows() if flow.b.port in ports}
    return Sent(file, flows, seen.report(), seen.scan)


def streams(flow: Flow) -> list[tuple[str, str | None]]:
    return [(one.get("payload"), one.get("codec")) for one in flow.all("media_stream")]


@pytest.mark.parametrize("name", CODECS)
def test_a_readable_codec_is_called_readable(sent: Sent, name: str) -> None:
    assert streams(sent.flows[name]) == [("readable", name)]
    of_it = {finding.id for finding in sent.report.findings if sent.flows[name].id in finding.flows}
    assert of_it == {"media-in-clear", "codec-readable", "no-end-to-end-seen"}


@pytest.mark.parametrize("name", OTHERS)
def test_of_another_codec_nothing_is_concluded(sent: Sent, name: str) -> None:
    assert streams(sent.flows[name]) == [("unknown", None)]
    of_it = {finding.id for finding in sent.report.findings if sent.flows[name].id in finding.flows}
    assert of_it == {"no-end-to-end-seen"}


def test_the_reports_of_senders_are_read(sent: Sent) -> None:
    ports = {PORT + 2 * at + 1 for at in range(len(CODECS | OTHERS))}
    told = {flow.b.port for flow in sent.scan.flows if flow.protocols == ("rtcp",)}
    assert told == ports


def test_flows_are_tsharks(sent: Sent) -> None:
    assert differences(sent.file, sent.scan) == set()
