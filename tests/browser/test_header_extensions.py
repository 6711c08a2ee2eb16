"""Which header extensions a call has on the wire: what media.md lists, by the numbers of the answer, and nothing else.
SRTP does not hide them: whoever carries the packets reads them, so each is one thing more that is told."""

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from . import rtp
from .conftest import CHROMIUM
from .person import FLAGS, Person
from .rtp import Dump, Rtp

MEDIA_MD = Path(__file__).parents[2] / "docs/protocol/media.md"
URIS = {  # of what media.md calls by a name
    "sdes:mid": "urn:ietf:params:rtp-hdrext:sdes:mid",
    "sdes:rtp-stream-id": "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "sdes:repaired-rtp-stream-id": "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "Dependency Descriptor": "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
    "ssrc-audio-level": "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "transport-wide congestion control": ("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"),
    "urn:3gpp:video-orientation": "urn:3gpp:video-orientation",
}
TITLE = "Map of the harbour"
SCREEN = f"""<!doctype html><title>{TITLE}</title><p style="font-size: 80px">North pier<script>
  const context = new AudioContext();
  const tone = new OscillatorNode(context, {{ frequency: 440 }});
  tone.connect(context.destination);
  tone.start();
</script>"""
Extmap = dict[int, str]


@dataclass
class Line:
    """A section of an answer."""

    kind: str
    types: set[int]
    extensions: Extmap


@dataclass
class Call:
    answers: list[list[Line]]  # by line
    packets: list[Rtp]
    sources: dict[str, set[int]]  # of what one of them sends, by line


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chromium") / "log"


@pytest.fixture(scope="module")
def sharing_browser(playwright: Playwright, alone: object, log: Path) -> Iterator[Browser]:
    """A Chromium that shares the tab of that title, with its sound, and writes down its packets."""
    flags = [flag for flag in FLAGS if flag != "--use-fake-ui-for-media-stream"]
    flags += [f"--auto-select-tab-capture-source-by-title={TITLE}", *rtp.FLAGS]
    environment = os.environ | {"CHROME_LOG_FILE": str(log)}
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=flags, env=environment, ignore_default_args=["--mute-audio"]
    )
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def call(resident: Callable[..., Person], sharing_browser: Browser, log: Path) -> Call:
    """Two people see and hear each other, and one of them shares a screen with its sound."""
    ada, ben = resident("Ada", among=sharing_browser), resident("Ben")
    dump = Dump(log)
    link = ada.new_meeting("Pilots")
    ada.ask_to_join().is_in()
    ben.join(link)
    ada.sees("Ben")
    ben.sees("Ada")
    ada.context.new_page().set_content(SCREEN)
    ada.page.bring_to_front()
    ada.press("Share screen")
    expect(ada.button("Stop sharing")).to_be_visible()

    def sources() -> dict[str, set[int]]:
        """Of the lines that send: the microphone, the camera, and what came with the screen."""
        by_line: dict[str, set[int]] = {}
        for stream in ada.statistics("outbound-rtp"):
            if stream["packetsSent"] > 20:
                by_line.setdefault(stream["mid"], set()).add(stream["ssrc"])
        return by_line

    sending = ada.until(lambda: found if len(found := sources()) == 4 else None, "does not send on four lines")
    ben.sees("Ada")
    ada.leave()
    answers = [json.loads(frame) for frame in ada.heard]
    return Call([read(answer["sdp"]) for answer in answers if answer["t"] == "answer"], dump.packets(), sending)


def read(sdp: str) -> list[Line]:
    """Its lines for media; the one for round trips carries no RTP."""
    lines = []
    for section in re.split(r"^m=(?!application )", sdp, flags=re.MULTILINE)[1:]:
        kind, _, _, *types = section.splitlines()[0].split()
        extmap = re.findall(r"^a=extmap:(\d+)(?:/\w+)? (\S+)", section, re.MULTILINE)
        lines.append(Line(kind, {int(t) for t in types}, {int(number): uri for number, uri in extmap}))
    return lines


def listed(kind: str) -> set[str]:
    """What media.md allows on lines of this kind."""
    (table,) = re.findall(r"\| header extension .*\n\|[ -|]*\n((?:\|.*\n)+)", MEDIA_MD.read_text())
    allowed = set()
    for row in table.splitlines():
        names, where, _ = (cell.strip() for cell in row.strip("|").split("|"))
        if where.split(":")[0] in ("all", kind):
            allowed |= {URIS[re.sub(r" \(.*", "", name).strip("` ")] for name in names.split(",")}
    return allowed


def extensions(call: Call, packet: Rtp) -> tuple[str, set[str]]:
    """The kind of line that a packet is of, and what its header tells; an unknown number is said as it is."""
    (line,) = (line for line in call.answers[-1][:2] if packet.type in line.types)
    return line.kind, {line.extensions.get(number, f"number {number}") for number in packet.extensions}


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_each_answer_agrees_to_what_media_md_lists_and_to_nothing_else(call: Call, kind: str) -> None:
    assert len(call.answers) >= 2, "the screen was offered"
    for answer in call.answers:
        for line in answer:
            if line.kind == kind:
                assert set(line.extensions.values()) == listed(kind)
    # One number for one thing, on all lines: a packet is read by its number alone.
    meanings = {(number, uri) for answer in call.answers for line in answer for number, uri in line.extensions.items()}
    assert len(dict(meanings)) == len(meanings) == len(listed("audio") | listed("video"))


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_no_packet_tells_more_than_media_md_lists(call: Call, kind: str) -> None:
    told = [told for of, told in (extensions(call, packet) for packet in call.packets) if of == kind]
    assert len(told) > 100
    assert set().union(*told) <= listed(kind)


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_whatever_is_listed_is_seen_in_packets_that_are_sent(call: Call, kind: str) -> None:
    """Else the test above would not see what more there is."""
    told = [told for of, told in (extensions(call, packet) for packet in call.packets if packet.sent) if of == kind]
    assert set().union(*told) == listed(kind)


def test_the_record_has_sound_camera_and_screen_of_one_and_something_of_the_other(call: Call) -> None:
    sent = {packet.source for packet in call.packets if packet.sent}
    for line, sources in call.sources.items():
        assert sources <= sent, f"nothing of line {line} was written down"
    assert {extensions(call, packet)[0] for packet in call.packets if not packet.sent} == {"audio", "video"}
