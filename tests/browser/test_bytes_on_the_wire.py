"""What a call puts on the wire under SRTP: sealed frames, and no more to read than media.md allows.
Chromium's own record of RTP packets is compared with the frames as its encoders made them."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .frames import Ear, Frame
from .network import Capture, may_have_own_network, media
from .person import Person
from .rtp import Dump, Rtp

WINDOW = 12  # bytes of an encoded frame that no ciphertext repeats by chance
MICROPHONE, CAMERA = 0, 1
Wire = list[bytes]


@pytest.fixture(scope="module", params=[(2, "video/VP8"), (8, "video/VP9")], ids=["VP8", "VP9"])
def call(
    request: pytest.FixtureRequest, resident: Callable[..., Person], dumping_browser: Browser, browser_log: Path
) -> tuple[list[Frame], list[Rtp], Wire]:
    """Two people talk; the frames and packets that one of them sends, and UDP as it is on the wire."""
    cores, codec = request.param
    ada = resident("Ada", among=dumping_browser, heard=True).has_cores(cores)
    ben = resident("Ben")
    link = ada.new_meeting("Ward round")
    ada.ask_to_join().is_in()
    ben.join(link)
    ada.sees("Ben")
    ben.sees("Ada")

    def sent_in() -> set[str]:
        return {line["codec"] for line in ada.pictures("outbound") if line["active"]}

    ada.until(lambda: sent_in() == {codec}, lambda: f"sends {sent_in()}")
    ear, dump, frames = Ear(ada.page), Dump(browser_log), []
    with Capture(media if may_have_own_network() else lambda _: False) as capture:

        def enough() -> bool:
            frames.extend(f for f in ear.take() if f.sent)
            keys = any(f.type == "key" for f in frames)
            return keys and sum(f.video for f in frames) >= 60 and sum(not f.video for f in frames) >= 60

        resident("Cleo").join(link)  # for whom a key frame is sent
        ada.until(enough, "sends too little")
        ear.close()
        wire = [p.payload for p in capture.packets]
    assert {f.codec for f in frames if f.video} == {codec}
    ada.leave()
    ada.until(lambda: dump.packets(), "Chromium wrote down no packets")
    return frames, [p for p in dump.packets() if p.sent], wire


def test_each_frame_is_sealed_for_its_sender_stream_and_epoch(
    call: tuple[list[Frame], list[Rtp], Wire],
) -> None:
    frames, _, _ = call
    counters: dict[int, list[int]] = defaultdict(list)
    for frame in frames:
        header = frame.header
        assert header.context == (CAMERA if frame.video else MICROPHONE)
        assert frame.clear == frame.plain[: frame.clear_size]
        assert len(frame.sealed) == header.size + len(frame.plain) - frame.clear_size + 16
        counters[header.kid].append(header.counter)
    assert len({frame.header.leaf for frame in frames}) == 1
    for used in counters.values():
        assert len(used) == len(set(used)), "a counter was used twice with one key"


def test_no_piece_of_an_encoded_frame_leaves_the_page(call: tuple[list[Frame], list[Rtp], Wire]) -> None:
    frames, packets, wire = call
    pieces = windows(frames)
    assert len(pieces) > 1000
    assert leaked(pieces, [p.payload for p in packets]) == 0
    assert leaked(pieces, wire) == 0


def test_the_record_of_packets_is_of_these_frames(call: tuple[list[Frame], list[Rtp], Wire]) -> None:
    """Else the test above would search in the wrong place."""
    frames, packets, wire = call
    sealed = {f.sealed[40 : 40 + WINDOW] for f in frames if len(f.sealed) > 100}
    assert leaked(sealed, [p.payload for p in packets]) > len(sealed) / 2
    if may_have_own_network():
        assert len(wire) > 100
        assert leaked(sealed, wire) == 0, "SRTP hides even the sealed frames"


def test_every_packet_of_sound_is_a_sealed_frame(call: tuple[list[Frame], list[Rtp], Wire]) -> None:
    frames, packets, _ = call
    whole = {f.whole for f in frames if not f.video}
    leaf = frames[0].header.leaf
    sounds = [p for p in packets if p.payload in whole]
    types = {p.type for p in sounds}
    assert len(sounds) > 40
    for packet in packets:
        if packet.type in types:
            header = Frame(0, True, False, None, b"", packet.payload).header
            assert (header.context, header.leaf) == (MICROPHONE, leaf)


def test_sealed_bytes_look_like_noise(call: tuple[list[Frame], list[Rtp], Wire]) -> None:
    frames, _, _ = call
    for video in (True, False):
        sealed = b"".join(f.sealed[f.header.size :] for f in frames if f.video is video)
        assert entropy(sealed) > 7.9 - 40 / math.sqrt(len(sealed))
    assert len({f.sealed for f in frames}) == len(frames)


UNSEALED = """async () => {
  const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
  from.onicecandidate = (e) => to.addIceCandidate(e.candidate);
  to.onicecandidate = (e) => from.addIceCandidate(e.candidate);
  const code = `onrtctransform = ({ transformer: t }) => t.readable.pipeThrough(new TransformStream({
    transform(frame, next) { postMessage([...new Uint8Array(frame.data)]); next.enqueue(frame); },
  })).pipeTo(t.writable);`;
  const worker = new Worker(URL.createObjectURL(new Blob([code])));
  window.frames_seen = [];
  worker.onmessage = (e) => window.frames_seen.push(e.data);
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  for (const track of stream.getTracks())
    from.addTrack(track, stream).transform = new RTCRtpScriptTransform(worker, {});
  await from.setLocalDescription();
  await to.setRemoteDescription(from.localDescription);
  await to.setLocalDescription();
  await from.setRemoteDescription(to.localDescription);
}"""


def test_the_same_search_finds_the_frames_of_an_unsealed_call(dumping_browser: Browser, browser_log: Path) -> None:
    """The control: two connections in one page, without Ringfence."""
    dump = Dump(browser_log)
    context = dumping_browser.new_context(permissions=["camera", "microphone"], bypass_csp=True)
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body="<title>Unsealed</title>", content_type="text/html"))
    page.goto("http://localhost:9/")
    page.evaluate(UNSEALED)
    page.wait_for_function("window.frames_seen.length > 120")
    frames = [bytes(f) for f in page.evaluate("window.frames_seen")]
    context.close()
    pieces = {f[40 : 40 + WINDOW] for f in frames if len(f) > 100}
    packets = [p.payload for p in dump.packets() if p.sent]
    assert leaked(pieces, packets) > len(pieces) / 2


def windows(frames: list[Frame]) -> set[bytes]:
    """Pieces of frames as the encoder made them; those that are one byte repeated say nothing."""
    pieces = set()
    for frame in frames:
        body = frame.plain[frame.clear_size :]
        for at in range(0, len(body) - WINDOW, WINDOW * 2):
            piece = body[at : at + WINDOW]
            if len(set(piece)) > 4:
                pieces.add(piece)
    return pieces


def leaked(pieces: set[bytes], payloads: list[bytes]) -> int:
    """How many of the pieces are somewhere in the payloads."""
    found = set()
    for payload in payloads:
        for at in range(len(payload) - WINDOW + 1):
            piece = payload[at : at + WINDOW]
            if piece in pieces:
                found.add(piece)
    return len(found)


def entropy(data: bytes) -> float:
    counts = Counter(data)
    return -sum(n / len(data) * math.log2(n / len(data)) for n in counts.values())
