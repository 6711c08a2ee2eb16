"""What the server writes down at its most talkative: what happened, and nothing of whom it happened to.
Secrets, names and what people said are planted in a meeting, also in messages that cannot be read, and searched for."""

import asyncio
import json
import sqlite3
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from conftest import Serving
from lying.documents import b64
from machine import PATIENT
from ringfence.store.database import Database, migrate

from .meeting import Line, Organiser, Person

TITLE, HOST, GUEST, CHAT = "Zymurgy-title", "Zymurgy-host", "Zymurgy-guest", "Zymurgy-chat"
# In messages that are refused: what would print them is a validation error.
REFUSED = "Zymurgy-refused-0123456789"
# Fields of messages that hold what is sealed, or would let somebody come in.
SEALED = ("message", "commit", "package", "welcome", "proof", "nonce", "knock_nonce")


def malformed(secret: str) -> list[str | bytes]:
    """Messages that hold `secret` where a reader might repeat it."""
    hello = {"t": "hello", "v": 1, "nonce": b64(bytes(16))}
    return [
        secret,
        f'{{"t":"{secret}"}}',
        f'{{"{secret}":1}}',
        f'{{"t":"hello","v":"{secret}","nonce":"{secret}"}}',
        json.dumps({**hello, secret: secret}),
        json.dumps(
            {"t": "knock", "package": secret, "admission": secret, "proof": secret, "names": [{secret: secret}]}
        ),
        json.dumps({"t": "sealed", "message": secret, "to": secret}),
        json.dumps({"t": "commit", "epoch": secret, "commit": secret, "group_info": secret, "welcomes": [secret]}),
        json.dumps({"t": "offer", "sdp": f"v=0\r\ns={secret}\r\n", "nonce": b64(bytes(16))}),
        json.dumps({"t": "offer", "sdp": secret, "nonce": b64(secret.encode()[:16])}),
        json.dumps({"t": "deny", "knock": secret}),
        json.dumps({"t": "view", "wants": [{"mid": secret[:16], "height": 1}, {"mid": secret, "height": -1}]}),
        f'{{"t":"bye","{secret}":'.encode(),
        '{"t":' + f'"{secret}",' * 50,
    ]


async def misbehave(organiser: Organiser, secret: str) -> None:
    """Says all of it: as a stranger who has not greeted, and as one who has."""
    for greeted in (False, True):
        async with Line(organiser.session, organiser.url) as line:
            if greeted:
                await line.hello()
            for text in malformed(secret):
                await line.socket.send(text)
                assert (await line.hear())["t"] == "error", text


def ask_badly(url: str, secret: str) -> None:
    with httpx.Client(timeout=PATIENT) as asking:
        ask(asking, url, secret)


def ask(asking: httpx.Client, url: str, secret: str) -> None:
    for path in (f"/{secret}", f"/m/{secret}", f"/api/v1/meetings/{secret}", f"/m/x?k={secret}#{secret}"):
        asking.get(url + path)
    for body in ({"charter": secret}, {secret: secret}, {"charter": b64(secret.encode())}):
        asking.post(f"{url}/api/v1/meetings", json=body)
    asking.post(f"{url}/api/v1/meetings", content=secret, headers={"Referer": secret, "User-Agent": secret})


def written(serving: Serving) -> dict[str, bytes]:
    """All that the server has said since it was ready, after its end."""
    return {"log": serving.log.read_bytes(), "output": serving.process.stdout.read().encode()}


def secrets(organiser: Organiser, *people: Person) -> dict[str, bytes]:
    """By what each is: in every form that a log might hold it in."""
    link = organiser.owner.link
    raw = {
        "the link's secret": link.secret,
        "the link's fragment": link.secret + link.owner_half,
        "the host's key for names": organiser.hpke.private_bytes_raw(),
        "what was refused, as bytes": REFUSED.encode()[:15],
    }
    raw |= {f"member key {number}": person.member.private_bytes_raw() for number, person in enumerate(people)}
    texts = {"title": TITLE, "host's name": HOST, "guest's name": GUEST, "chat": CHAT, "what was refused": REFUSED}
    for what, secret in raw.items():
        texts |= {what: b64(secret), f"{what} in hexadecimal": secret.hex(), f"{what}, printed": repr(secret)[2:-1]}
    for person in people:
        for message in person.said + person.heard:
            texts |= {f"{message['t']}.{field}": message[field] for field in SEALED if message.get(field)}
    return {what: text.encode() for what, text in texts.items()}


async def test_a_meeting_leaves_nothing_of_people_in_the_log(serve) -> None:
    serving: Serving = serve()
    organiser = Organiser(serving.url, admission="lobby")
    organiser.owner.title = TITLE
    organiser.held()
    async with AsyncExitStack() as people:
        host = await people.enter_async_context(organiser.host())
        await (await host.join(HOST)).phase("in")
        guest = await people.enter_async_context(organiser.guest())
        await (await guest.join(GUEST)).phase("waiting")
        knocks = await host.event(lambda e: e["t"] == "knocks" and e["knocks"])
        assert knocks["knocks"][0]["name"] == GUEST
        await host.tell(t="admit", knock=knocks["knocks"][0]["id"])
        await guest.phase("in")
        await host.roster(2)
        await guest.tell(t="chat", text=CHAT)
        assert (await host.event(lambda e: e["t"] == "chat"))["text"] == CHAT
        await misbehave(organiser, REFUSED)
        for text in malformed(REFUSED):
            await guest.socket.send(text)
        ask_badly(serving.url, REFUSED)
        planted = secrets(organiser, host, guest)
        known = json.dumps([host.events, guest.events, guest.said, guest.heard, malformed(REFUSED)], default=repr)
    assert serving.stop() == 0
    for where, content in written(serving).items():
        for what, secret in planted.items():
            assert secret not in content, f"{what} is in the {where}"
    log = serving.log.read_text()
    assert "session 1 opened" in log, "it was written, and at this level"
    assert "RF1201 refused" in log, "refusals are named"
    assert "127.0.0.1" not in log, "nor is anybody's address in it"
    assert organiser.meeting not in log, "nor which meeting it was"
    for what in ("host's name", "guest's name", "chat", "what was refused", "sealed.message"):
        assert planted[what].decode() in known, f"the same search finds {what} in those who know it"


async def test_an_error_of_the_store_names_no_meeting(tmp_path: Path) -> None:
    path = tmp_path / "ringfence.db"
    migrate(path)
    with sqlite3.connect(path) as broken:
        broken.execute("DROP TABLE meeting")
    database = Database(path)
    secret = b"Zymurgy-meeting-"
    with pytest.raises(OperationalError) as raised:
        await database.find(secret)
    await database.close()
    said = str(raised.value)
    assert "no such table" in said
    assert secret.decode() not in said


async def test_a_flood_of_what_is_no_request_is_one_line(serve) -> None:
    serving: Serving = serve()
    for _ in range(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(serving.url).port)
        writer.write(b"\x16\x03\x01 no request\r\n\r\n")
        assert b"400" in await reader.read(1000)
        writer.close()
    assert serving.log.read_text().count("Invalid HTTP request") == 1
