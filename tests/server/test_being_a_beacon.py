"""Whom a beacon measures, where and how often, on a clock of its own; and whose transcripts a node uses.
The node's media port is a real one on this machine, and so are the round trips to it."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ringfence._core import documents, sfu
from ringfence.beacons import transcripts
from ringfence.beacons.transcripts import Asker
from ringfence.config import Measured
from ringfence.errors import Refusal
from ringfence.server.measuring import KEPT, WAITING, Measuring
from ringfence.store.files import Identity, write_key
from ringfence.wire.http import RoundTrips

START = 1_800_000_000
NODE, BEACON, OTHER, OPERATOR = (bytes([number]) * 32 for number in (1, 2, 3, 4))
LOCAL, PUBLIC = "127.0.0.1", "203.0.113.7"


def key(seed: bytes) -> bytes:
    return documents.public_key(seed)


def statement(seed: bytes, *addresses: str, **changes: Any) -> bytes:
    now = datetime.fromtimestamp(START, UTC)
    says = {
        **{"node": write_key(key(seed)), "name": f"n{seed[0]}", "serial": 1, "country": "CA", "place": "Edmonton"},
        **{"lat": 53.55, "lon": -113.49, "roles": ["media"], "addresses": list(addresses) or [LOCAL]},
        "operator": {"id": "coop", "name": "Co-op", "law": ["CA"], "parents": []},
        "from": (now - timedelta(days=1)).isoformat(),
        "until": (now + timedelta(days=1)).isoformat(),
        **changes,
    }
    return documents.sign_as_operator(documents.sign_as_node(json.dumps(says), seed), OPERATOR)


@dataclass
class Beacon:
    """One that measures NODE at its local address, and counts how often."""

    port: int
    time: float = 0.0
    own: bytes = field(default_factory=lambda: statement(BEACON))
    named: tuple[Measured, ...] = (Measured(key(NODE), LOCAL),)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.measuring = Measuring(
            self.named,
            lambda: Identity(BEACON, key(OPERATOR), self.own),
            measure=self._measure,
            clock=lambda: self.time,
            now=lambda: START + self.time,
        )

    async def _measure(self, address: str, port: int, node: bytes, beacon: bytes) -> sfu.Measured:
        self.asked.append((address, port))
        await asyncio.sleep(0)
        if port != self.port:
            raise Refusal("RF4206", "nothing came back")
        return await asyncio.to_thread(sfu.measure, address, port, node, beacon, 3)

    async def measured(self, document: bytes, port: int | None = None) -> list[bytes]:
        return await self.measuring.measured(document, port or self.port)

    async def refuses(self, document: bytes, port: int | None = None) -> str:
        with pytest.raises(Refusal) as refused:
            await self.measured(document, port)
        return refused.value.code


@pytest.fixture
def beacon() -> Iterator[Beacon]:
    forwarder = sfu.Sfu(LOCAL, 0, node_seed=NODE)
    yield Beacon(forwarder.addresses()[0][1])
    forwarder.close()


async def test_what_it_measures_is_signed_with_where_it_stands_and_when(beacon: Beacon) -> None:
    (document,) = await beacon.measured(statement(NODE))
    said = transcripts.read(document)
    assert (said.beacon, said.node, said.address, said.port) == (key(BEACON), key(NODE), LOCAL, beacon.port)
    assert (said.name, said.lat, said.lon, said.at) == ("n2", 53.55, -113.49, START)
    assert said.samples >= 1
    assert 0 < said.least_us < 1_000_000


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (statement(OTHER), "RF1302"),
        (b"", "RF1303"),
        (statement(NODE)[:-1] + b"\0", None),
        (statement(NODE, "192.168.1.1"), "RF1303"),
        (statement(NODE, roles=["web"]), "RF1303"),
        (statement(NODE, until=datetime.fromtimestamp(START - 1, UTC).isoformat()), "RF1303"),
    ],
    ids=["another node", "no statement", "the operator's signature is not asked for", "private", "no media", "over"],
)
async def test_only_a_named_node_is_measured_and_only_by_a_statement_that_holds(
    beacon: Beacon, document: bytes, code: str | None
) -> None:
    if code is None:  # whose operator a beacon does not know it cannot check: the node's own signature is inside
        assert await beacon.measured(document)
        return
    assert await beacon.refuses(document) == code
    assert beacon.asked == []


async def test_what_the_node_has_not_signed_itself_is_refused(beacon: Beacon) -> None:
    forged = statement(OTHER, node=write_key(key(OTHER))).replace(key(OTHER), key(NODE))
    assert await beacon.refuses(forged) == "RF1303"


async def test_a_private_address_is_measured_only_where_the_operator_wrote_it_down(beacon: Beacon) -> None:
    both = statement(NODE, "192.168.1.1", LOCAL)
    assert len(await beacon.measured(both)) == 1
    assert beacon.asked == [(LOCAL, beacon.port)]


async def test_without_a_place_of_its_own_it_is_no_beacon(beacon: Beacon) -> None:
    beacon.own = statement(BEACON, lat=None, lon=None)
    assert await beacon.refuses(statement(NODE)) == "RF1304"


async def test_a_long_name_is_cut_and_stays_text(beacon: Beacon) -> None:
    beacon.own = statement(BEACON, name="ż" * 64)
    (document,) = await beacon.measured(statement(NODE))
    assert transcripts.read(document).name == "ż" * 50


async def test_whoever_asks_again_gets_what_was_measured_for_a_minute(beacon: Beacon) -> None:
    first = await beacon.measured(statement(NODE))
    beacon.time = KEPT - 1
    assert await beacon.measured(statement(NODE)) == first
    assert len(beacon.asked) == 1
    beacon.time = KEPT + 1
    assert await beacon.measured(statement(NODE)) != first
    assert len(beacon.asked) == 2


async def test_many_who_ask_at_once_are_one_measurement_and_too_many_are_refused(beacon: Beacon) -> None:
    asked = [beacon.measured(statement(NODE)) for _ in range(WAITING + 2)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert len(beacon.asked) == 1
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["RF1003", "RF1003"]


async def test_nobodys_ports_are_searched_and_the_one_that_answers_is_measured_all_the_same(beacon: Beacon) -> None:
    codes = [await beacon.refuses(statement(NODE), port) for port in range(2, 52)]
    assert codes == ["RF1305"] * 3 + ["RF1003"] * 47
    assert len(beacon.asked) == 3
    beacon.time = 61
    assert await beacon.measured(statement(NODE))
    for minute in range(2, 20):
        beacon.time = 61.0 * minute
        for port in range(2, 12):
            await beacon.refuses(statement(NODE), port)
        assert await beacon.measured(statement(NODE))


# What a node uses of an answer


async def answer(beacon: Beacon, **changes: Any) -> bytes:
    documents_ = await beacon.measured(statement(NODE))
    said = {"statement": beacon.own, "transcripts": documents_} | changes
    return RoundTrips(**said).model_dump_json().encode()


def me(beacon: Beacon, seed: bytes = NODE, port: int | None = None) -> Asker:
    return transcripts.asker(statement(seed), port or beacon.port)


def why_not(body: bytes, asker: Asker, now: float = START) -> str:
    with pytest.raises(Refusal) as refused:
        transcripts.check(body, asker, now)
    assert refused.value.code == "RF1312"
    return refused.value.detail


async def test_a_true_answer_is_used(beacon: Beacon) -> None:
    used = transcripts.check(await answer(beacon), me(beacon), START)
    assert (used.beacon, used.operator, used.place, used.country) == (key(BEACON), "Co-op", "Edmonton", "CA")
    assert [one.address for one in used.transcripts] == [LOCAL]


async def test_of_an_answer_about_another_node_or_port_nothing_is_used(beacon: Beacon) -> None:
    assert "another node" in why_not(await answer(beacon), me(beacon, OTHER))
    assert "another node" in why_not(await answer(beacon), me(beacon, port=beacon.port - 1))


async def test_who_signs_has_to_be_who_states_where_it_stands(beacon: Beacon) -> None:
    assert "another has signed" in why_not(await answer(beacon, statement=statement(OTHER)), me(beacon))


async def test_nobody_is_a_beacon_for_themselves(beacon: Beacon) -> None:
    assert "this very server" in why_not(await answer(beacon, statement=statement(NODE)), me(beacon))


@pytest.mark.parametrize(("now", "why"), [(START + 601, "behind"), (START - 61, "ahead")])
async def test_an_answer_of_another_time_is_not_used(beacon: Beacon, now: int, why: str) -> None:
    assert why in why_not(await answer(beacon), me(beacon), now)


async def test_a_transcript_that_was_changed_takes_the_whole_answer_with_it(beacon: Beacon) -> None:
    (document,) = await beacon.measured(statement(NODE))
    changed = document[:-1] + bytes([document[-1] ^ 1])
    assert "RF2205" in why_not(await answer(beacon, transcripts=[document, changed]), me(beacon))


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[" * 50_000, b'{"statement": "AA", "transcripts": []}', b'{"statement": "AA", "more": 1}'],
)
async def test_what_is_not_an_answer_is_refused_by_its_form(beacon: Beacon, body: bytes) -> None:
    assert "AA" not in why_not(body, me(beacon))
