"""Sound and picture between headless participants, over a real server's forwarder.
Not here: browsers (tests/browser/test_headless.py)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Serving
from machine import PATIENT, free_port
from ringfence.client import Admitted, Lost, Media, Meeting, Problem, Received, Route, Speaking
from ringfence.errors import Refusal
from server.meeting import Organiser, until

from .people import Reader, headless

PATTERN = Path(__file__).resolve().parents[2] / "core" / "call" / "src" / "pattern"


def of(meeting: Meeting, name: str, stream: str) -> Received | None:
    return next((one for one in meeting.received() if (one.name, one.stream) == (name, stream)), None)


def frames(meeting: Meeting, name: str, stream: str) -> int:
    found = of(meeting, name, stream)
    return 0 if found is None else found.frames


async def test_picture_and_sound_of_one_are_opened_by_the_other(server: Serving):
    organiser = Organiser(server.url).held()
    sending, receiving = headless(organiser, "Ada", send=["test"]), headless(organiser, "Bo", receive=True)
    async with sending as ada, receiving as bo, asyncio.timeout(PATIENT):
        assert [one.name for one in (await Reader(ada).until(Speaking)).people] == ["Ada"]
        await Reader(bo).until(Media, open=True)
        await until(lambda: frames(bo, "Ada", "camera") >= 30 and frames(bo, "Ada", "microphone") >= 100)
        camera, microphone = of(bo, "Ada", "camera"), of(bo, "Ada", "microphone")
        assert camera.keys >= 2
        assert camera.failed == microphone.failed == 0
        assert camera.bytes > 30_000
        assert camera.since < 2
        assert ada.received() == (), "who does not ask for it gets nothing"


async def test_nothing_is_sent_before_the_route_is_decided(server: Serving):
    organiser = Organiser(server.url).held()
    async with headless(organiser, "Ada", send=["test"], receive=True) as ada, asyncio.timeout(PATIENT):
        hears = Reader(ada)
        assert (await hears.until(Media)).why == "connecting"
        assert (await hears.until(Media)).open
        routes = [event for event in hears.seen if isinstance(event, Route)]
        assert not routes[0].may_send
        assert routes[-1].may_send


async def test_more_senders_than_the_pool_has_lines_are_all_received(server: Serving):
    organiser = Organiser(server.url).held()
    names = [f"S{at}" for at in range(11)]
    async with headless(organiser, "All", receive=True) as everything, asyncio.timeout(PATIENT):
        senders = [headless(organiser, name, send=["test"]) for name in names]
        await asyncio.gather(*(one.__aenter__() for one in senders))
        await until(lambda: all(frames(everything, name, "camera") > 15 for name in names))
        await asyncio.gather(*(one.__aexit__() for one in senders))


async def test_after_a_killed_server_is_back_media_flows_again(serve: Callable[..., Serving]):
    port = str(free_port())
    serving = serve("--port", port)
    organiser = Organiser(serving.url).held()
    sending, receiving = headless(organiser, "Ada", send=["test"]), headless(organiser, "Bo", receive=True)
    async with sending as ada, receiving as bo, asyncio.timeout(PATIENT):
        hears_ada, hears_bo = Reader(ada), Reader(bo)
        await until(lambda: frames(bo, "Ada", "camera") > 15)
        serving.process.kill()
        serving.process.wait()
        await asyncio.gather(hears_ada.until(Lost), hears_bo.until(Lost))
        before = frames(bo, "Ada", "camera")
        await asyncio.to_thread(serve, "--port", port)
        await asyncio.gather(hears_ada.until(Admitted, again=True), hears_bo.until(Admitted, again=True))
        await until(lambda: frames(bo, "Ada", "camera") > before + 30)
        assert of(bo, "Ada", "camera").failed == 0


async def test_while_only_signalling_is_lost_media_flows_on(server: Serving):
    organiser = Organiser(server.url).held()
    sending, receiving = headless(organiser, "Ada", send=["test"]), headless(organiser, "Bo", receive=True)
    async with sending as ada, receiving as bo, asyncio.timeout(PATIENT):
        hears = {ada: Reader(ada), bo: Reader(bo)}
        await until(lambda: frames(bo, "Ada", "camera") > 15)
        for _ in range(3):
            for one in (ada, bo):
                one._signalling._socket.transport.abort()
                await hears[one].until(Admitted, again=True)
            before = frames(bo, "Ada", "camera")
            await until(lambda before=before: frames(bo, "Ada", "camera") > before + 20)
        assert of(bo, "Ada", "camera").failed == 0
        assert not any(isinstance(event, Problem) for one in hears.values() for event in one.seen)


async def test_the_slow_pattern_is_three_pictures_a_second(server: Serving):
    organiser = Organiser(server.url).held()
    sending, receiving = headless(organiser, "Ada", send=["slow"]), headless(organiser, "Bo", receive=True)
    async with sending, receiving as bo, asyncio.timeout(PATIENT):
        await until(lambda: frames(bo, "Ada", "camera") > 3)
        pictures, sounds = frames(bo, "Ada", "camera"), frames(bo, "Ada", "microphone")
        await until(lambda: frames(bo, "Ada", "camera") >= pictures + 12)
        assert 150 < frames(bo, "Ada", "microphone") - sounds < 260, "50 packets of sound a second, in 4 seconds"


async def test_files_of_vp8_and_of_opus_are_sent(server: Serving, tmp_path: Path):
    organiser = Organiser(server.url).held()
    files = [PATTERN / "picture.ivf", PATTERN / "sound.opus"]
    sending, receiving = headless(organiser, "Ada", send=files), headless(organiser, "Bo", receive=True)
    async with sending, receiving as bo, asyncio.timeout(PATIENT):
        await until(lambda: frames(bo, "Ada", "camera") > 45 and frames(bo, "Ada", "microphone") > 110)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "neither IVF nor Ogg"),
        (b"\x1aE\xdf\xa3webm", "neither IVF nor Ogg"),
        (b"DKIF\0\0\x20\0VP90" + bytes(20), "not of VP8"),
        (b"DKIF\0\0\x20\0VP80\0\0", "cut"),
        (b"OggS", "cut"),
    ],
)
def test_any_other_file_is_refused_by_name(server: Serving, tmp_path: Path, content: bytes, says: str):
    file = tmp_path / "film"
    file.write_bytes(content)
    with pytest.raises(Refusal) as refused:
        headless(Organiser(server.url), "Ada", send=[file])
    assert refused.value.code == "RF7007"
    assert says in refused.value.detail


def test_two_pictures_cannot_be_sent_at_once(server: Serving):
    with pytest.raises(Refusal, match="RF7007"):
        headless(Organiser(server.url), "Ada", send=["test", PATTERN / "picture.ivf"])
