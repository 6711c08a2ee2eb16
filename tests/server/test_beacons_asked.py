"""The loop that asks beacons, on a clock of its own: when it asks, what it keeps, and whom it tells.
No network: what beacons answer is made up here."""

import random
from itertools import pairwise

import pytest

from ringfence._core.documents import TRANSCRIPT_SECONDS
from ringfence.beacons.asking import AGAIN, APART, EVERY, Beacons
from ringfence.beacons.transcripts import Answer, Asker, Transcript
from ringfence.errors import Refusal

START = 1_800_000_000
NODE = b"\7" * 32
ME = Asker(NODE, b"statement", ("203.0.113.7",), 8000)
HOUR = 3600.0


class Enough(Exception):
    """The test's time is over."""


class Sky:
    """Beacons that answer or not, as a test says, and a clock that goes on only while everybody sleeps."""

    def __init__(self, *names: str, spread: float = 0.5) -> None:
        self.time = 0.0
        self.down: set[str] = set()
        self.asked: list[tuple[float, str]] = []
        self.told: list[float] = []
        self.beacons = Beacons(
            [f"https://{name}" for name in names],
            lambda: ME,
            self._ask,
            clock=lambda: self.time,
            now=lambda: START + self.time,
            spread=lambda: spread,
            changed=lambda: self.told.append(self.time),
        )

    async def _ask(self, url: str, asker: Asker) -> Answer:
        assert asker is ME
        name = url.removeprefix("https://")
        self.asked.append((self.time, name))
        if name in self.down:
            raise Refusal("RF1311", name)
        if name == "broken":
            raise RuntimeError("an answer that nobody thought of")
        return self.answer(name)

    def answer(self, name: str) -> Answer:
        key, at = name.encode().ljust(32, b"\0"), int(START + self.time)
        one = Transcript(
            document=f"{name} {at}".encode(),
            beacon=key,
            name=name,
            lat=43.65,
            lon=-79.38,
            node=NODE,
            address="203.0.113.7",
            port=8000,
            samples=20,
            least_us=400,
            km=60.0,
            at=at,
        )
        return Answer(key, "Co-op", "CA", "Toronto", (one,), b"")

    async def run(self, seconds: float) -> "Sky":
        end = self.time + seconds

        async def sleep(after: float) -> None:
            if self.time + after > end:
                self.time = end
                raise Enough
            self.time += after

        with pytest.raises(Enough):
            await self.beacons.run(sleep)
        return self

    def times(self, name: str) -> list[float]:
        return [at for at, asked in self.asked if asked == name]

    @property
    def shown(self) -> list[str]:
        return [one.name for one in self.beacons.transcripts()]


async def test_each_beacon_is_asked_at_once_and_then_every_ten_minutes() -> None:
    sky = await Sky("a", "b").run(2 * EVERY + 1)
    assert sky.times("a") == sky.times("b") == [0, EVERY, 2 * EVERY]
    assert sky.told == [0, EVERY, 2 * EVERY]
    assert sorted(sky.shown) == ["a", "b"]


@pytest.mark.parametrize("spread", [0.0, 1.0])
async def test_not_all_nodes_ask_at_the_same_moment(spread: float) -> None:
    sky = await Sky("a", spread=spread).run(EVERY * 1.1 + 1)
    assert sky.times("a")[1] == pytest.approx(EVERY * (0.9 + 0.2 * spread))


async def test_what_a_beacon_said_counts_for_an_hour_after_it_fell_silent_and_no_longer() -> None:
    sky = await Sky("a").run(1)
    sky.down = {"a"}
    await sky.run(TRANSCRIPT_SECONDS - 2)
    assert sky.shown == ["a"]
    assert [answer.operator for _, answer, _ in sky.beacons.offered()] == ["Co-op"]
    await sky.run(2)
    assert sky.shown == []
    assert sky.beacons.offered() == []


async def test_who_does_not_answer_is_asked_after_longer_and_longer_and_never_given_up() -> None:
    sky = Sky("a")
    sky.down = {"a"}
    await sky.run(6 * HOUR)
    times = sky.times("a")
    gaps = [after - before for before, after in pairwise(times)]
    assert gaps[:5] == [AGAIN, 2 * AGAIN, 4 * AGAIN, 8 * AGAIN, 16 * AGAIN]
    assert set(gaps[5:]) == {EVERY}
    assert sky.told == []
    sky.down.clear()
    await sky.run(EVERY)
    assert sky.shown == ["a"]


async def test_one_that_fails_in_whatever_way_keeps_nobody_from_asking_the_others() -> None:
    sky = await Sky("broken", "a").run(3 * EVERY)
    assert sky.shown == ["a"]
    assert len(sky.times("a")) >= 3


async def test_a_failure_is_logged_once_with_the_beacons_host_and_again_when_it_is_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sky = Sky("a")
    sky.down = {"a"}
    await sky.run(HOUR)
    assert [record.getMessage() for record in caplog.records] == ["the beacon a: RF1311 a"]


async def test_members_are_told_of_all_and_not_too_often_whoever_fails_when() -> None:
    """Each telling is kept in receipts."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    sky = Sky(*"abcdefgh")
    for _ in range(200):
        sky.down = {name for name in "abcdefgh" if chance.random() < 0.2}
        await sky.run(60 + 240 * chance.random())
    sky.down = set("abcdefgh")
    await sky.run(APART)
    gaps = [after - before for before, after in pairwise(sky.told)]
    assert min(gaps) >= APART, f"seed {seed}"
    heard = max(at for source in sky.beacons.sources if source.answer for at in [source.answer.transcripts[0].at])
    assert sky.told[-1] >= heard - START, f"seed {seed}"


def test_beacons_that_the_owner_named_are_shown_before_others() -> None:
    sky = Sky("a", "b")
    for source, name in zip(sky.beacons.sources, "ab", strict=True):
        source.answer = sky.answer(name)
    for pinned in "ab":
        first, _ = sky.beacons.transcripts([pinned.encode().ljust(32, b"\0")])
        assert first.name == pinned
