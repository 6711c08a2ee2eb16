"""A meeting over real sockets: who comes in, what they are told, and how it ends."""

import json

from conftest import Serving

from .meeting import Organiser


async def test_whoever_has_the_link_comes_in_and_is_heard(server: Serving) -> None:
    organiser = Organiser(server.url).held()
    async with organiser.host() as host, organiser.guest() as guest:
        await (await host.join("Hanna")).phase("in")
        await (await guest.join("Gil")).phase("in")
        await host.roster(2)
        await guest.tell(t="chat", text="good morning")
        said = await host.event(lambda e: e["t"] == "chat")
        assert said["text"] == "good morning"


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
        assert [message["t"] for message in guest.heard[-2:]] == ["commit", "removed"]
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


async def test_generations_are_remembered_over_a_restart(serve) -> None:
    first = serve()
    organiser = Organiser(first.url).held()
    async with organiser.host() as host:
        await (await host.join("Hanna")).phase("in")
        first.process.kill()  # no chance to write anything
        first.process.wait()
    organiser.url = serve().url
    async with organiser.host() as host:
        await (await host.join("Hanna")).phase("in")
        hello = next(message for message in host.heard if message["t"] == "hello")
        assert hello["generation"] == 1


async def test_clients_are_told_that_the_server_goes_and_it_ends_cleanly(serve) -> None:
    serving = serve()
    organiser = Organiser(serving.url).held()
    async with organiser.host() as host:
        await (await host.join("Hanna")).phase("in")
        assert serving.stop() == 0
        await host.event(lambda e: e["t"] == "closed" and e["code"] == 1001)
        assert host.heard[-1] == {"t": "bye", "code": "RF1211"}
