"""Every way in which a session's message is refused, by its code; and that refusals change nothing."""

import json

import pytest
import websockets

from conftest import Serving
from lying.documents import b64

from .meeting import Line, Organiser

BLOB = b64(b"x")


@pytest.fixture
def organiser(server: Serving) -> Organiser:
    return Organiser(server.url).held()


@pytest.mark.parametrize("origin", [None, "https://elsewhere.example", "null"])
async def test_only_pages_of_this_server_may_connect(organiser: Organiser, origin: str | None) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with Line(organiser.session, origin):
            pass
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body)["code"] == "RF1006"


async def test_a_meeting_that_does_not_exist_has_no_session(organiser: Organiser) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with Line(organiser.session.replace(organiser.meeting, b64(bytes(16))), organiser.url):
            pass
    assert refused.value.response.status_code == 404


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"t": "found", "genesis": BLOB, "group_info": BLOB, "tree": BLOB}, "RF1202"),
        ({"t": "sealed", "message": BLOB, "to": None}, "RF1202"),
        ({"t": "offer", "sdp": "v=0", "nonce": b64(bytes(16))}, "RF1203"),
        ({"t": "view", "wants": []}, "RF1203"),
        ({"t": "hello", "v": 2, "nonce": b64(bytes(16))}, "RF1213"),
        ({"t": "hello", "v": 1, "nonce": b64(bytes(15))}, "RF1201"),
        ({"t": "hello", "v": 1, "nonce": b64(bytes(16)), "more": 1}, "RF1201"),
        ({"t": "nothing"}, "RF1201"),
        ({}, "RF1201"),
    ],
)
async def test_before_the_greeting_nothing_else_is_taken(
    organiser: Organiser, message: dict[str, object], code: str
) -> None:
    async with Line(organiser.session, organiser.url) as line:
        assert (await line.ask(**message))["code"] == code
        assert (await line.hello())["t"] == "hello"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"t": "found", "genesis": BLOB, "group_info": BLOB, "tree": BLOB}, "RF3102"),
        ({"t": "knock", "package": BLOB, "admission": None, "proof": BLOB, "names": []}, "RF1208"),
        ({"t": "deny", "knock": "x"}, "RF1203"),
        ({"t": "proposal", "message": BLOB}, "RF1203"),
        ({"t": "ping"}, "RF1203"),
        ({"t": "sealed", "message": BLOB, "to": None}, "RF1203"),
        (
            {"t": "commit", "epoch": 0, "commit": BLOB, "group_info": BLOB, "welcome": None, "welcomes": []},
            "RF1203",
        ),
    ],
)
async def test_who_is_not_in_the_meeting_can_change_nothing(
    organiser: Organiser, message: dict[str, object], code: str
) -> None:
    async with Line(organiser.session, organiser.url) as line:
        await line.hello()
        answer = await line.ask(**message)
        assert (answer["t"], answer["code"], answer["re"]) == ("error", code, message["t"])


async def test_a_running_meeting_is_not_founded_again_and_its_epochs_are_won_once(
    organiser: Organiser,
) -> None:
    async with organiser.host() as host, Line(organiser.session, organiser.url) as line:
        await (await host.join("Hanna")).phase("in")
        greeting = await line.hello()
        assert greeting["alive"] is True
        found = next(message for message in host.said if message["t"] == "found")
        assert (await line.ask(**found))["code"] == "RF1206"


async def test_a_knock_without_the_link_is_refused(organiser: Organiser) -> None:
    async with organiser.host() as host, Line(organiser.session, organiser.url) as line:
        await (await host.join("Hanna")).phase("in")
        await line.hello()
        proof = organiser.owner.host.sign("knock", {})
        knock = {"t": "knock", "package": BLOB, "admission": None, "proof": b64(proof), "names": []}
        assert (await line.ask(**knock))["code"] == "RF3106"


async def test_too_much_at_once_ends_the_session(organiser: Organiser) -> None:
    async with Line(organiser.session, organiser.url) as line:
        await line.hello()
        with pytest.raises(websockets.ConnectionClosed) as closed:
            for _ in range(1000):
                await line.say(t="hello", v=1, nonce=b64(bytes(16)))
            while True:
                await line.hear()
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "RF1003")


async def test_binary_frames_and_long_ones_are_refused(organiser: Organiser) -> None:
    async with Line(organiser.session, organiser.url) as line:
        await line.socket.send(b"{}")
        assert (await line.hear())["code"] == "RF1201"
        await line.socket.send("x" * ((1 << 20) + 1))
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await line.hear()
        assert closed.value.rcvd.code == 1009
