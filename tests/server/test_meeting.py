"""A meeting over real sockets: who comes in, what they are told, and how it ends."""

import json

from conftest import Serving

from .meeting import Line, Organiser, Person, agreed, until


def knocks(host: Person) -> list[str]:
    """All that the host was shown, in their order."""
    return list(dict.fromkeys(k["id"] for e in host.events if e["t"] == "knocks" for k in e["knocks"]))


async def test_whoever_has_the_link_comes_in_and_is_heard(server: Serving) -> None:
    organiser = Organiser(server.url).held()
    async with organiser.host() as host, organiser.guest() as guest:
        await (await host.join("Hanna")).phase("in")
        await (await guest.join("Gil")).phase("in")
        await host.roster(2)
        await guest.tell(t="chat", text="good morning")
        said = await host.event(lambda e: e["t"] == "chat")
        assert said["text"] == "good morning"


async def test_who_asks_whether_anything_comes_through_gets_an_answer(server: Serving) -> None:
    organiser = Organiser(server.url).held()
    async with organiser.host() as host, Line(organiser.session, organiser.url) as stranger:
        await (await host.join("Hanna")).phase("in")
        await host.socket.send('{"t":"ping"}')
        await host.hears(lambda m: m == {"t": "pong"})
        assert host.problems == []
        await stranger.hello()
        assert (await stranger.ask(t="ping"))["code"] == "RF1203"


async def test_in_a_lobby_only_a_host_lets_in_and_the_waiting_learn_nothing(server: Serving) -> None:
    organiser = Organiser(server.url, admission="lobby").held()
    async with organiser.host() as host, organiser.guest() as guest:
        await (await host.join("Hanna")).phase("in")
        await (await guest.join("Gil")).phase("waiting")
        knocks = await host.event(lambda e: e["t"] == "knocks" and e["knocks"])
        assert {message["t"] for message in guest.heard} <= {"hello", "waiting", "error"}
        await host.tell(t="admit", knock=knocks["knocks"][0]["id"])
        await guest.phase("in")
        await host.roster(2)


async def test_who_waits_in_two_windows_is_in_with_one_of_them(server: Serving) -> None:
    organiser = Organiser(server.url, admission="lobby").held()
    one = organiser.guest()
    async with organiser.host() as host, one, Person(organiser, member=one.member) as other:
        await (await host.join("Hanna")).phase("in")
        for window in (one, other):
            await (await window.join("Gil")).phase("waiting")
        await until(lambda: len(knocks(host)) == 2)
        await host.tell(t="admit", knock=knocks(host)[-1])
        # The one whose knock is not answered is told so, comes in as the member that it is, and replaces the other.
        await until(lambda: {one.now, other.now} == {"in", "stopped"})
        await agreed(host, one if one.now == "in" else other)


async def test_who_is_denied_is_told(server: Serving) -> None:
    organiser = Organiser(server.url, admission="lobby").held()
    async with organiser.host() as host, organiser.guest() as guest:
        await (await host.join("Hanna")).phase("in")
        await (await guest.join("Gil")).phase("waiting")
        knocks = await host.event(lambda e: e["t"] == "knocks" and e["knocks"])
        await host.tell(t="deny", knock=knocks["knocks"][0]["id"])
        await guest.phase("denied")
        await host.event(lambda e: e["t"] == "knocks" and not e["knocks"])


async def test_who_is_removed_is_told_and_disconnected_and_the_link_admits_nobody_any_more(
    server: Serving,
) -> None:
    organiser = Organiser(server.url).held()
    async with organiser.host() as host, organiser.guest() as guest, organiser.guest() as late:
        await (await host.join("Hanna")).phase("in")
        await (await guest.join("Gil")).phase("in")
        members = await host.roster(2)
        gil = next(member["member"] for member in members if not member["you"])
        await host.tell(t="remove", member=gil)
        await guest.phase("removed")
        await guest.event(lambda e: e["t"] == "closed")
        assert [message["t"] for message in guest.heard[-2:]] == ["confirmed", "removed"]
        await (await late.join("Lea")).phase("waiting")
        await host.event(lambda e: e["t"] == "knocks" and e["knocks"])
        assert {message["t"] for message in late.heard} <= {"hello", "waiting", "error"}


async def test_what_was_sealed_before_somebody_came_is_not_passed_on_to_them(server: Serving) -> None:
    organiser = Organiser(server.url).held()
    async with organiser.host() as host, organiser.guest() as guest, organiser.guest() as late:
        await (await host.join("Hanna")).phase("in")
        await (await guest.join("Gil")).phase("in")
        await guest.event(lambda e: e["t"] == "roster" and "Hanna" in [m["name"] for m in e["members"]])
        overtaken = next(message for message in host.said if message["t"] == "sealed")
        await (await late.join("Lea")).phase("in")
        await host.roster(3)
        await host.socket.send(json.dumps(overtaken))
        await host.tell(t="chat", text="Good evening")
        await late.event(lambda e: e["t"] == "chat")
        assert overtaken["message"] not in [message.get("message") for message in late.heard]
        assert not [event for event in late.events if event["t"] == "problem"]


async def test_a_meeting_that_everybody_left_begins_anew_with_the_next_generation(
    server: Serving,
) -> None:
    organiser = Organiser(server.url).held()
    for generation in (None, 1):
        async with organiser.host() as host:
            await (await host.join("Hanna")).phase("in")
            hello = next(message for message in host.heard if message["t"] == "hello")
            assert (hello["generation"], hello["alive"]) == (generation, False)
            await host.leave()


async def test_a_meeting_whose_members_all_vanished_can_be_begun_anew_after_a_while(server: Serving) -> None:
    organiser = Organiser(server.url).held()
    async with organiser.host() as host:
        await (await host.join("Hanna")).phase("in")
    async with organiser.host() as host:
        await (await host.join("Hanna")).phase("in")
        generations = [message["generation"] for message in host.heard if message["t"] == "hello"]
        assert set(generations) == {1}
        assert any(message["t"] == "founded" for message in host.heard)


async def test_clients_are_told_that_the_server_goes_and_it_ends_cleanly(serve) -> None:
    serving = serve()
    organiser = Organiser(serving.url).held()
    async with organiser.host() as host:
        await (await host.join("Hanna")).phase("in")
        assert serving.stop() == 0
        await host.event(lambda e: e["t"] == "closed" and e["code"] == 1001)
        assert host.heard[-1] == {"t": "bye", "code": "RF1211"}
