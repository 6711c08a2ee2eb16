"""Three people hold a meeting in real browsers: each sees, hears, mutes, writes and leaves."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .person import Person

NAMES = ("Ada", "Ben", "Cleo")
Three = tuple[Person, Person, Person]


@pytest.fixture(scope="module")
def three(resident: Callable[..., Person]) -> Three:
    ada, ben, cleo = (resident(name) for name in NAMES)
    link = ada.new_meeting("Parish council")
    ada.ask_to_join().is_in()
    ben.join(link)
    cleo.join(link)
    return ada, ben, cleo


def others(person: Person, three: Three) -> list[Person]:
    return [other for other in three if other is not person]


def test_each_sees_the_pictures_of_the_other_two(three: Three) -> None:
    for person in three:
        for other in others(person, three):
            person.sees(other.name)
        shown = [line for line in person.statistics("inbound-rtp", kind="video") if line.get("framesDecoded")]
        assert len(shown) == 2


def sizes(three: Three, way: str, counted: str) -> set[tuple[int, int]]:
    lines = (line for person in three for line in person.statistics(way, kind="video") if line.get(counted))
    return {(line["frameWidth"], line["frameHeight"]) for line in lines if line.get("frameWidth")}


def test_pictures_arrive_in_a_size_that_was_sent(three: Three) -> None:
    # A browser that has too much to do changes what it sends: all that were sent meanwhile.
    sent: set[tuple[int, int]] = set()

    def arrive() -> bool:
        sent.update(sizes(three, "outbound-rtp", "framesEncoded"))
        came = sizes(three, "inbound-rtp", "framesDecoded")
        return bool(came) and came <= sent

    three[0].until(arrive, lambda: f"other sizes come than were sent: {sent}")


def test_the_camera_is_sent_as_vp8_in_layers_and_the_microphone_as_opus(three: Three) -> None:
    for person in three:
        seen: list[str] = []

        def sent(person: Person = person, seen: list[str] = seen) -> bool:
            codecs = {codec["id"]: codec["mimeType"] for codec in person.statistics("codec")}
            lines = person.statistics("outbound-rtp")
            seen[:] = [codecs[line["codecId"]] for line in lines if line.get("codecId") in codecs]
            return set(seen) == {"video/VP8", "audio/opus"} and seen.count("video/VP8") >= 2

        person.until(sent, lambda seen=seen: f"sends {seen}")


def test_each_hears_the_other_two(three: Three) -> None:
    for person in three:
        # A media connection that was made anew has heard nothing yet.
        least: list[float] = []

        def hears_both(person: Person = person, least: list[float] = least) -> bool:
            lines = person.statistics("inbound-rtp", kind="audio")
            heard = sorted(line.get("totalAudioEnergy") or 0.0 for line in lines)[-2:]
            least.append(sum(heard))
            return len(heard) == 2 and heard[0] > 0 and sum(heard) > min(least)

        person.until(hears_both, "hears nobody")


def test_media_is_protected_by_an_aead(three: Three) -> None:
    for person in three:
        transports = person.statistics("transport")
        assert transports
        for transport in transports:
            assert transport["srtpCipher"].removeprefix("SRTP_").startswith("AEAD_AES_")


def test_what_is_seen_is_photographed(three: Three) -> None:
    for person in three:
        for other in others(person, three):
            person.sees(other.name)
        person.picture(f"meeting-{person.name}")


def test_mute_silences_and_is_shown_to_all(three: Three) -> None:
    ada, ben, cleo = three
    ben.press("Mute")
    for person in (ada, cleo):
        expect(person.mark("Ben", "muted")).to_be_visible()
    ben.press("Unmute")
    for person in (ada, cleo):
        expect(person.mark("Ben", "muted")).to_have_count(0)


def test_a_stopped_camera_shows_no_picture_and_a_started_one_does(three: Three) -> None:
    ada, ben, cleo = three
    cleo.press("Stop camera")
    for person in (ada, ben):
        expect(person.mark("Cleo", "camera off")).to_be_visible()
        person.sees_nothing_of("Cleo")
    ada.sees("Ben")
    cleo.press("Start camera")
    ada.sees("Cleo")
    ben.sees("Cleo")


def test_chat_reaches_all(three: Three) -> None:
    three[0].chat("The minutes are on the table")
    for person in three:
        person.reads("The minutes are on the table")
    three[1].chat("Thank you")
    for person in three:
        person.reads("Thank you")


def test_who_leaves_is_gone_for_all(three: Three) -> None:
    ada, ben, cleo = three
    cleo.leave()
    for person in (ada, ben):
        expect(person.tile("Cleo")).to_have_count(0)
    ada.sees("Ben")
    ben.sees("Ada")


def test_nothing_broke_the_content_security_policy(three: Three) -> None:
    for person in three:
        assert person.page.evaluate("window.violations") == []
        assert [line for line in person.console if line.startswith("error")] == []
