"""Headless participants on a real server: what is said, who is let in, and the way back.
Not here: sound and picture (test_media.py), the command (test_command.py)."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from conftest import Serving
from machine import PATIENT, free_port
from ringfence.client import (
    Admitted,
    Chat,
    Ended,
    Joined,
    Keys,
    Knocks,
    Left,
    Lost,
    Meeting,
    Route,
    RulesChanged,
    Waiting,
)
from ringfence.errors import Refusal
from server.meeting import Organiser

from .people import Reader, headless, host_keys, link


async def test_two_meet_and_talk_both_ways(server: Serving):
    organiser = Organiser(server.url).held()
    async with headless(organiser, "Ada") as ada, headless(organiser, "Bo") as bo, asyncio.timeout(PATIENT):
        hears_ada, hears_bo = Reader(ada), Reader(bo)
        await asyncio.gather(ada.admitted(), bo.admitted())
        assert (await hears_ada.until(Joined)).person.name == "Bo"
        assert (await hears_bo.until(Joined)).person.name == "Ada"
        await ada.say("hello, Bo")
        await bo.say("hello, Ada")
        assert (await hears_bo.until(Chat, you=False)).text == "hello, Bo"
        assert (await hears_ada.until(Chat, you=False)).text == "hello, Ada"
        assert await ada.code() == await bo.code()


async def test_the_route_is_decided_here_and_said_in_words(server: Serving):
    organiser = Organiser(server.url).held()
    async with headless(organiser, "Ada") as ada, asyncio.timeout(PATIENT):
        route = await Reader(ada).until(Route)
        assert route.fence == "Only this server"
        assert route.may_probe
        assert "allowed" in route.words[0]
        assert len(route.words) > 1, "a reason follows"


async def test_who_leaves_is_told_to_the_others(server: Serving):
    organiser = Organiser(server.url).held()
    async with headless(organiser, "Ada") as ada, asyncio.timeout(PATIENT):
        hears = Reader(ada)
        async with headless(organiser, "Bo") as bo:
            await bo.admitted()
            await hears.until(Joined)
        assert (await hears.until(Left)).person.name == "Bo"
        assert bo.ended == Ended("left", None, "")


async def test_in_a_lobby_one_waits_until_a_host_admits(server: Serving):
    organiser = Organiser(server.url, admission="lobby").held()
    async with headless(organiser, "Owner", keys=host_keys(organiser)) as owner, asyncio.timeout(PATIENT):
        sees = Reader(owner)
        await owner.admitted()
        async with headless(organiser, "Bo") as bo:
            await Reader(bo).until(Waiting)
            knocks = await sees.until(Knocks)
            [(knock, name)] = knocks.waiting
            assert name == "Bo"
            assert bo.people == ()
            await owner.admit(knock)
            await bo.admitted()
            assert (await sees.until(Joined)).person.name == "Bo"


async def test_whom_a_host_denies_is_told_so(server: Serving):
    organiser = Organiser(server.url, admission="lobby").held()
    async with headless(organiser, "Owner", keys=host_keys(organiser)) as owner, asyncio.timeout(PATIENT):
        await owner.admitted()
        async with headless(organiser, "Bo") as bo:
            [(knock, _)] = (await Reader(owner).until(Knocks)).waiting
            await owner.deny(knock)
            with pytest.raises(Refusal) as refused:
                await bo.admitted()
            assert refused.value.code == "RF7008"
            assert bo.ended.how == "denied"


async def test_whom_a_host_removes_is_out(server: Serving):
    organiser = Organiser(server.url).held()
    hosting = headless(organiser, "Owner", keys=host_keys(organiser))
    async with hosting as owner, headless(organiser, "Bo") as bo, asyncio.timeout(PATIENT):
        await bo.admitted()
        joined = await Reader(owner).until(Joined)
        await owner.remove(joined.person)
        assert (await Reader(bo).until(Ended)).how == "removed"


async def test_rules_that_the_owner_changes_are_told_and_hold(server: Serving):
    organiser = Organiser(server.url).held()
    async with organiser.host() as owner, headless(organiser, "Ada") as ada, asyncio.timeout(PATIENT):
        await (await owner.join("Hanna")).phase("in")
        await ada.admitted()
        await owner.roster(2)
        await owner.tell(t="amend", change={"admission": "lobby"})
        changed = await Reader(ada).until(RulesChanged)
        assert (changed.version, changed.by, changed.rules) == (2, "Hanna", (("lobby", ()),))
        async with headless(organiser, "Bo") as bo:
            await Reader(bo).until(Waiting)


async def test_after_a_killed_server_is_back_all_are_back_and_talk(serve: Callable[..., Serving]):
    port = str(free_port())
    serving = serve("--port", port)
    organiser = Organiser(serving.url).held()
    async with headless(organiser, "Ada") as ada, headless(organiser, "Bo") as bo, asyncio.timeout(PATIENT):
        hears_ada, hears_bo = Reader(ada), Reader(bo)
        await asyncio.gather(hears_ada.until(Joined), hears_bo.until(Joined))
        serving.process.kill()
        serving.process.wait()
        await asyncio.gather(hears_ada.until(Lost), hears_bo.until(Lost))
        await ada.say("said while the server was away")
        await asyncio.to_thread(serve, "--port", port)
        await hears_ada.until(Admitted, again=True)
        # Before Bo is told that he is back, if Ada is back sooner.
        assert (await hears_bo.until(Chat, you=False)).text == "said while the server was away"
        await bo.say("and after")
        assert (await hears_ada.until(Chat, you=False)).text == "and after"


async def test_who_keeps_their_keys_comes_back_to_a_lobby_without_being_asked_again(server: Serving, tmp_path: Path):
    organiser = Organiser(server.url, admission="lobby").held()
    async with headless(organiser, "Owner", keys=host_keys(organiser)) as owner, asyncio.timeout(PATIENT):
        await owner.admitted()
        sees = Reader(owner)
        first = headless(organiser, "Bo", keys=tmp_path)
        await first.__aenter__()
        [(knock, _)] = (await sees.until(Knocks)).waiting
        await owner.admit(knock)
        await first.admitted()
        me = next(person.member for person in first.people if person.you)
        # It dies: nobody is told.
        first._task.cancel()
        first._end("left", None, "")
        first._keys.close()
        async with headless(organiser, "Bo", keys=tmp_path) as again:
            await again.admitted()
            assert me in {person.member for person in again.people}


def test_two_do_not_share_one_folder_of_keys_in_one_meeting(server: Serving, tmp_path: Path):
    organiser = Organiser(server.url)
    kept = Keys.kept(tmp_path, organiser.meeting)
    with pytest.raises(Refusal) as refused:
        Keys.kept(tmp_path, organiser.meeting)
    assert refused.value.code == "RF7005"
    kept.close()
    assert Keys.kept(tmp_path, organiser.meeting).member.private_bytes_raw() == kept.member.private_bytes_raw()


def test_a_folder_of_keys_is_its_owners_alone_and_holds_no_link(server: Serving, tmp_path: Path):
    organiser = Organiser(server.url)
    meeting = headless(organiser, "Ada", keys=tmp_path)
    [file] = tmp_path.glob("*.json")
    assert file.stat().st_mode & 0o077 == 0
    assert link(organiser).split("#")[1] not in file.read_text()
    meeting._keys.close()


LINK = "https://meet.example.org/m/AAAAAAAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("", "RF7001"),
        ("meet.example.org/m/x#y", "RF7001"),
        (LINK, "RF7001"),
        (f"{LINK}x#key", "RF7001"),
        ("ftp" + LINK[5:] + "#key", "RF7001"),
        (LINK.replace("/m/", "/n/") + "#key", "RF7001"),
        ("https://[/m/AAAAAAAAAAAAAAAAAAAAAA#key", "RF7001"),
        ("https://meet.example.org:99999/m/AAAAAAAAAAAAAAAAAAAAAA#key", "RF7001"),
        (f"{LINK}#key", "RF3110"),
    ],
)
def test_a_bad_link_is_refused_by_name(given: str, code: str):
    with pytest.raises(Refusal) as refused:
        Meeting(given, "Ada")
    assert refused.value.code == code
    assert "key" not in refused.value.detail.replace("key of", "")


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "two\nlines"])
async def test_a_name_that_is_none_is_refused_before_anybody_is_asked(name: str):
    with pytest.raises(Refusal) as refused:
        async with Meeting(f"https://meet.example.org/m/{'A' * 22}#{'A' * 43}", name):
            pass
    assert refused.value.code == "RF3292"


async def ends_with(meeting: Meeting) -> str | None:
    async with meeting, asyncio.timeout(PATIENT):
        ended = await Reader(meeting).until(Ended)
        with pytest.raises(Refusal) as refused:
            await meeting.admitted()
        assert refused.value.code == ended.code
        return ended.code


async def test_a_meeting_that_the_server_does_not_know_is_named(server: Serving):
    assert await ends_with(headless(Organiser(server.url), "Ada")) == "RF1101"


async def test_who_finds_a_meeting_full_is_told_so_also_while_all_come_at_once(server: Serving):
    organiser = Organiser(server.url)
    few = {"participants": 3, "from": None, "until": None, "retention": None}
    assert organiser.post(organiser.charter(limits=few)).status_code == 201
    async with AsyncExitStack() as stack, asyncio.timeout(PATIENT):
        people = [await stack.enter_async_context(headless(organiser, f"P{at}", patience=5)) for at in range(6)]
        ends = await asyncio.gather(*(one.admitted() for one in people), return_exceptions=True)
        assert ends.count(None) == 3
        assert {end.code for end in ends if end is not None} <= {"RF3248", "RF7010"}
        with pytest.raises(Refusal) as refused:
            await (await stack.enter_async_context(headless(organiser, "Late", patience=5))).admitted()
        assert refused.value.code == "RF3248"


async def test_a_server_that_is_not_there_is_named_when_patience_is_over(server: Serving):
    organiser = Organiser(server.url)
    nobody = Meeting(link(organiser, f"http://127.0.0.1:{free_port()}"), "Ada", patience=0.1)
    assert await ends_with(nobody) == "RF7002"


async def test_an_owners_key_that_is_not_the_links_is_refused(server: Serving):
    organiser, other = Organiser(server.url).held(), Organiser(server.url)
    swapped = link(organiser).split("#")[0] + "#" + link(other).split("#")[1]
    assert (await ends_with(Meeting(swapped, "Ada")) or "").startswith("RF31")
