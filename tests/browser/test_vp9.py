"""A call in VP9, with all layers of a camera in one stream: each receiver gets those that they show. Who joins without
VP9 brings everybody back to VP8, and who leaves lets them on again, by nobody's hand."""

import json
from collections.abc import Callable

import pytest

from .person import Person, Statistics

CORES = 8  # enough for VP9, which this machine of two shows as well
WITHOUT_VP9 = """
  for (const side of [RTCRtpSender, RTCRtpReceiver]) {
    const all = side.getCapabilities.bind(side);
    side.getCapabilities = (kind) => {
      const capabilities = all(kind);
      capabilities.codecs = capabilities.codecs.filter(({ mimeType }) => mimeType !== "video/VP9");
      return capabilities;
    };
  }
"""
QUARTER = {135, 136}  # libvpx makes the lowest layer even
Three = tuple[Person, Person, Person]


@pytest.fixture(scope="module")
def link_and_three(resident: Callable[..., Person]) -> tuple[str, Three]:
    ada, ben, cleo = (resident(name).has_cores(CORES) for name in ("Ada", "Ben", "Cleo"))
    link = ada.new_meeting("Parish council")
    ada.ask_to_join().is_in()
    ben.join(link)
    cleo.join(link)
    return link, (ada, ben, cleo)


@pytest.fixture(scope="module")
def link(link_and_three: tuple[str, Three]) -> str:
    return link_and_three[0]


@pytest.fixture(scope="module")
def three(link_and_three: tuple[str, Three]) -> Three:
    return link_and_three[1]


def sends(person: Person, codec: str, modes: set[str], streams: int) -> None:
    """All that leaves is of this codec, in as many streams of these modes."""
    seen: Statistics = []

    def does() -> bool:
        seen[:] = [line for line in person.pictures("outbound") if line.get("active")]
        is_so = {line["codec"] for line in seen} == {codec} and {line.get("scalabilityMode") for line in seen} <= modes
        # A browser that is short of bandwidth or time makes fewer of several streams.
        return is_so and (len(seen) == 1 or streams > 1)

    told = ("rid", "codec", "scalabilityMode", "made", "frameHeight", "targetBitrate", "qualityLimitationReason")
    person.until(does, lambda: f"sends {[{key: line.get(key) for key in told} for line in seen]}", seconds=30)


def decodes(person: Person, codec: str, streams: int) -> None:
    """So many others' pictures, of this codec, and ever more of them."""
    before: dict[str, int] = {}
    seen: Statistics = []

    def does() -> bool:
        seen[:] = [line for line in person.pictures("inbound") if line["codec"] == codec]
        for line in seen:
            before.setdefault(line["id"], line["made"])
        return sum(line["made"] > before[line["id"]] + 5 for line in seen) == streams

    told = ("codec", "made", "frameHeight", "framesReceived", "packetsReceived", "keyFramesDecoded")
    person.until(does, lambda: f"decodes {[{key: line.get(key) for key in told} for line in seen]}", seconds=30)


def in_vp9(person: Person) -> None:
    sends(person, "video/VP9", {"L3T3"}, 1)
    decodes(person, "video/VP9", 2)


def test_three_who_can_hold_the_call_in_vp9(three: Three) -> None:
    for person in three:
        in_vp9(person)
    for person in three:
        for other in three:
            if other is not person:
                person.sees(other.name)


def test_who_joins_without_vp9_brings_everybody_to_vp8_and_who_leaves_lets_them_on(
    three: Three, link: str, somebody: Callable[..., Person]
) -> None:
    dora = somebody("Dora")
    dora.context.add_init_script(WITHOUT_VP9)
    dora.join(link)
    for person in three:
        sends(person, "video/VP8", {"L1T1", "L1T2", "L1T3"}, 3)
    for person in (*three, dora):
        decodes(person, "video/VP8", 3)
    for person in three:
        person.sees("Dora")
        dora.sees(person.name)
    dora.leave()
    for person in three:
        in_vp9(person)


def answers(person: Person) -> int:
    return sum(json.loads(frame)["t"] == "answer" for frame in person.heard)


def test_another_offer_of_the_same_connection_changes_nothing(three: Three) -> None:
    ada = three[0]
    before = answers(ada)
    ada.page.evaluate("() => window.dispatchEvent(new Event('online'))")  # another network, as far as the page knows
    ada.until(lambda: answers(ada) > before, "makes no other offer")
    for person in three:
        in_vp9(person)


def reaches(person: Person, all_of: set[int], senders: Three, streams: int = 2) -> None:
    """So many pictures come, and only in these heights."""
    before: dict[str, int] = {}
    heights: list[int] = []

    def does() -> bool:
        lines = person.pictures("inbound")  # also those of who has left, which stand still
        heights[:] = [line["frameHeight"] for line in lines if line["made"] > before.get(line["id"], line["made"])]
        before.update({line["id"]: line["made"] for line in lines})
        return len(heights) == streams and set(heights) <= all_of

    def told() -> str:
        keys = ("rid", "frameHeight", "targetBitrate", "qualityLimitationReason", "keyFramesEncoded", "active")
        sent = {p.name: [{k: line.get(k) for k in keys} for line in p.pictures("outbound")] for p in senders}
        views = [said for said in person.said if '"view"' in said]
        return f"gets heights of {heights}, asked last for {views[-3:]}, sent: {sent}"

    person.until(does, told, seconds=30)


def test_each_gets_the_layer_of_one_stream_that_fits_their_tiles(three: Three) -> None:
    ada, ben, cleo = three
    small, large = {"width": 420, "height": 480}, {"width": 1500, "height": 1000}
    laptop = ben.page.viewport_size or large
    ben.page.set_viewport_size(small)
    reaches(ben, QUARTER, three)
    for person in three:
        in_vp9(person)
    ben.page.set_viewport_size(laptop)
    reaches(ben, {270}, three)
    cleo.leave()  # which leaves more room for others
    ada.page.set_viewport_size(large)
    reaches(ada, {540}, (ada, ben, cleo), streams=1)
    sends(ben, "video/VP9", {"L3T3"}, 1)
