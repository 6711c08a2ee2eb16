"""Over a narrow network people still hear and see each other, and with a wide one again as before.
The browser is in a network of its own, whose link carries only so much towards it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass

import pytest
from playwright.sync_api import Browser

from . import network
from .person import Person
from .server import Server

pytestmark = pytest.mark.skipif(not network.may_have_own_network(), reason="networks are made by root")
# For both pages together, towards them: each gets the other's face and voice, and all layers need more than that.
NARROW = "600kbit"
# Seconds until the estimate has found its place, with time for slow machines.
SETTLES = 10
LARGE_AGAIN = 60


@contextmanager
def narrow(device: str) -> Iterator[None]:
    subprocess.run(
        ["tc", "qdisc", "add", "dev", device, "root", "tbf", "rate", NARROW, "burst", "5kb", "latency", "300ms"],
        check=True,
    )
    try:
        yield
    finally:
        subprocess.run(["tc", "qdisc", "del", "dev", device, "root"], check=True)


def heights(person: Person) -> list[int]:
    faces = person.statistics("inbound-rtp", kind="video")
    return [face.get("frameHeight") or 0 for face in faces if face.get("framesDecoded")]


@dataclass
class Got:
    """What came of the other's face and voice, of sound in samples; some are made up for those that did not come."""

    pictures: float
    samples: float
    made_up: float
    packets: float
    lost: float


def got(person: Person) -> Got:
    def total(field: str, **wanted: str) -> float:
        return person.total("inbound-rtp", field, **wanted)

    return Got(
        total("framesDecoded", kind="video"),
        total("totalSamplesReceived", kind="audio"),
        total("concealedSamples", kind="audio"),
        total("packetsReceived"),
        total("packetsLost"),
    )


def in_the_next(person: Person, seconds: int) -> Got:
    before = astuple(got(person))
    person.page.evaluate(f"() => new Promise((next) => setTimeout(next, {seconds * 1000}))")
    return Got(*(after - was for after, was in zip(astuple(got(person)), before, strict=True)))


def test_over_a_narrow_network_only_what_fits_is_sent_and_voices_are_whole(
    away_browser: Browser, near_server: Server
) -> None:
    ada, ben = (Person(away_browser, near_server.url, name) for name in ("Ada", "Ben"))
    link = ada.new_meeting("On the train")
    ada.ask_to_join().is_in()
    ben.join(link)
    for person, other in ((ada, "Ben"), (ben, "Ada")):
        person.sees(other)
        person.until(lambda: max(heights(person), default=0) >= 360, lambda: f"{heights(person)}")  # noqa: B023
    with narrow("near"):
        ada.page.evaluate(f"() => new Promise((next) => setTimeout(next, {SETTLES * 1000}))")
        for person in (ada, ben):
            came = in_the_next(person, 5)
            assert came.pictures > 5, "the face moves"
            assert came.made_up < came.samples * 0.05, came
            assert came.lost < came.packets * 0.05, f"what is sent does not fit: {came}"
    for person in (ada, ben):
        person.until(lambda: max(heights(person)) >= 360, lambda: f"{heights(person)}", LARGE_AGAIN)  # noqa: B023
    for person in (ada, ben):
        person.close()
