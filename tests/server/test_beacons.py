"""Two servers that are neighbours: what the one has measured of the other holds in meetings, and what it may not
measure. They are in networks of their own, where their addresses are theirs."""

import asyncio
import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from browser import network
from conftest import RINGFENCE, Serving
from lying.documents import unb64
from machine import PATIENT
from neighbours import BEACON, NODE, Neighbours, neighbours
from ringfence.beacons import transcripts
from ringfence.cli.main import main

from .meeting import Organiser, until

PROVEN = 'name = "Canada"\nversion = 1\n[allow]\ncountries = ["CA"]\n[evidence]\nminimum = "proven"\n# {}'
STATED = 'name = "Here"\nversion = 1\n[allow]\nnodes = ["{}"]\n'
pytestmark = pytest.mark.skipif(not network.may_have_own_network(), reason="networks are made by root")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Neighbours]:
    with network.own_network(), neighbours(tmp_path) as pair:
        yield pair


def said(server: Serving) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{server.url}/api/v1/node", timeout=PATIENT).json()
    return answer


class Owner(Organiser):
    """Who names the server's data sets, as a page does, and the beacons that they want."""

    def __init__(self, server: Serving, *beacons: str, policy: str = PROVEN) -> None:
        super().__init__(server.url, policy=policy)
        self.beacons = sorted(unb64(key) for key in beacons)

    def charter(self, **changes: Any) -> bytes:
        node = httpx.get(f"{self.url}/api/v1/node", timeout=PATIENT).json()
        operators = {self.owner.operator["id"]: self.owner.operator["key"]}
        data = sorted(unb64(found["digest"]) for found in node["data"])
        trust = {"operators": operators, "log": None, "beacons": self.beacons, "data": data}
        return super().charter(**({"trust": trust} | changes))


def refusals(response: httpx.Response) -> set[str]:
    assert (response.status_code, response.json()["code"]) == (409, "RF1103")
    return {reason["code"] for reason in response.json()["reasons"]}


async def measured(server: Serving) -> dict[str, Any]:
    await until(lambda: said(server)["beacons"] != [])
    return said(server)


async def test_a_beacon_that_the_owner_named_proves_where_the_server_is_and_goes_on_to_when_it_is_gone(
    pair: Neighbours,
) -> None:
    beacon, node = pair.beacon(), pair.node()
    word = await measured(node)
    assert [(one["key"], one["name"], one["operator"], one["place"]) for one in word["beacons"]] == [
        (pair.beacon_key, "edm2", "Public Rooms", "Edmonton")
    ]
    (transcript,) = [transcripts.read(unb64(document)) for document in word["transcripts"]]
    assert (transcript.node, transcript.address) == (unb64(pair.node_key), NODE)
    assert transcript.least_us > 0
    # Data sets are asked for all the same.
    assert refusals(Owner(node, pair.beacon_key).post()) == {"RF2108"}
    pair.bring("registry", "geoip")
    assert refusals(Owner(node).post()) == {"RF2108"}
    owner = Owner(node, pair.beacon_key).held()
    async with owner.host() as host, owner.guest() as guest:
        await (await host.join("Hanna")).phase("in")
        await (await guest.join("Gil")).phase("in")
        place = (await guest.event(lambda e: e["t"] == "place"))["nodes"][0]
        assert place["standing"] == "proven"
        (trip,) = place["trips"]
        assert (trip["observer"], trip["beacon"], trip["name"]) == (pair.beacon_key, "pinned", "edm2")
        beacon.process.kill()
        beacon.process.wait(PATIENT)
        async with owner.guest() as late:
            await (await late.join("Lou")).phase("in")
        assert guest.now == "in"


async def test_what_a_beacon_has_measured_holds_over_a_restart_while_it_is_away(pair: Neighbours) -> None:
    beacon, node = pair.beacon(), pair.node()
    pair.bring("registry", "geoip")
    await measured(node)
    await until(lambda: (node.data / "beacons.json").exists())
    beacon.stop()
    node.stop()
    again = pair.node()
    await until(lambda: "RF1311" in again.log.read_text())
    assert Owner(again, pair.beacon_key).post().status_code == 201


async def test_whoever_comes_when_nothing_proves_it_any_more_is_told_so_and_sends_nothing(pair: Neighbours) -> None:
    beacon, node = pair.beacon(), pair.node()
    pair.bring("registry", "geoip")
    await measured(node)
    owner = Owner(node, pair.beacon_key).held()
    beacon.stop()
    node.stop()
    (node.data / "beacons.json").unlink()
    pair.node()
    async with owner.guest() as guest:
        await guest.phase("stopped")
        assert guest.problems == ["RF2108"]
        assert {message["t"] for message in guest.said} <= {"hello", "bye"}


async def test_without_a_beacons_word_a_fence_that_wants_proof_is_refused_and_the_log_says_why(
    pair: Neighbours,
) -> None:
    stranger = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
    pair.beacon(measures=stranger)
    node = pair.node()
    pair.bring("registry", "geoip")
    await until(lambda: "RF1313" in node.log.read_text())
    assert f"the beacon {BEACON}:{pair.port}: RF1313 RF1302" in node.log.read_text()
    assert refusals(Owner(node, pair.beacon_key).post()) == {"RF2108"}


async def test_members_are_told_what_a_beacon_measures_while_they_meet(pair: Neighbours) -> None:
    # The certificate has to be there when the node looks for it; the beacon is not.
    pair.beacon().stop()
    node = pair.node()
    pair.bring("registry", "geoip")
    await until(lambda: "RF1311" in node.log.read_text())
    owner = Owner(node, pair.beacon_key, policy=STATED).held()
    async with owner.host() as host:
        await (await host.join("Hanna")).phase("in")
        place = await host.event(lambda e: e["t"] == "place")
        assert place["nodes"][0]["trips"] == []
        pair.beacon()
        await host.hears(lambda m: m["t"] == "transcripts")
        place = await host.event(lambda e: e["t"] == "place" and e["nodes"][0]["trips"] != [])
        assert place["nodes"][0]["trips"][0]["observer"] == pair.beacon_key


class Asking:
    """Somebody who asks the beacon to measure, with or without a right to."""

    def __init__(self, pair: Neighbours, beacon: Serving) -> None:
        self.context = ssl.create_default_context(cafile=pair.beacon_data / "tls" / "ca.pem")
        self.url = beacon.url

    def ask(self, statement: str, port: int, **headers: str) -> tuple[int, Any]:
        answer = httpx.post(
            f"{self.url}/api/v1/round-trips",
            json={"statement": statement, "port": port},
            headers=headers,
            verify=self.context,
            timeout=PATIENT,
        )
        return answer.status_code, answer.json().get("code")


async def test_nobody_has_anything_measured_but_who_was_named_and_that_at_its_own_address(
    pair: Neighbours, tmp_path: Path
) -> None:
    beacon, node = pair.beacon(), pair.node()
    await measured(node)
    asking, statement = Asking(pair, beacon), said(node)["statement"]
    other = Serving(tmp_path / "other", "--media-address", NODE)
    try:
        assert asking.ask(said(other)["statement"], 8000) == (403, "RF1302")
    finally:
        other.stop()
    assert asking.ask(statement, 8000, Origin="https://elsewhere.example") == (403, "RF1006")
    with network.Capture(lambda packet: network.media(packet) and str(packet.source) == BEACON) as seen:
        assert asking.ask(statement, 9) == (409, "RF1305")
        # What was found is kept, and few other ports are tried.
        assert asking.ask(statement, 9) == (409, "RF1305")
        assert [asking.ask(statement, port)[1] for port in range(10, 13)] == ["RF1305", "RF1003", "RF1003"]
        sent = seen.stop()
    assert {(str(packet.target), packet.target_port) for packet in sent} <= {(NODE, 9), (NODE, 10)}
    assert len(sent) <= 2 * 20


def test_a_server_whose_operator_named_nobody_measures_nobody(server: Serving) -> None:
    asked = {"statement": said(server)["statement"], "port": 8000}
    answer = httpx.post(f"{server.url}/api/v1/round-trips", json=asked, timeout=PATIENT)
    assert (answer.status_code, answer.json()["code"]) == (404, "RF1301")


async def test_the_command_tries_a_beacon_and_says_what_its_word_would_prove(pair: Neighbours) -> None:
    pair.beacon()
    await measured(pair.node())
    environment = {"SSL_CERT_FILE": str(pair.beacon_data / "tls" / "ca.pem"), "PATH": ""}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [RINGFENCE, "beacon", "try", *words, "--data", pair.node_data]
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    tried = run(pair.url)
    assert tried.returncode == 0, tried.stderr
    for words in ("edm2", "Public Rooms", "Edmonton, CA", NODE, "it proves CA"):
        assert words in tried.stdout
    told = json.loads(run(pair.url, "--format", "json").stdout)
    assert told["beacon"]["key"] == pair.beacon_key
    assert [(one["address"], one["standing"]) for one in told["measured"]] == [(NODE, "proven")]
    nowhere = run(f"https://{BEACON}:9")
    assert nowhere.returncode == 2
    assert nowhere.stderr.startswith("RF1311")


async def test_the_operator_is_shown_what_beacons_have_measured_while_the_server_runs(
    pair: Neighbours, capsys: pytest.CaptureFixture[str]
) -> None:
    show = ["node", "show", "--data", str(pair.node_data)]
    pair.beacon()
    node = pair.node()
    await measured(node)
    assert await asyncio.to_thread(main, show) == 0
    assert f"Beacons:   {pair.url}: edm2, " in capsys.readouterr().out
    node.stop()
    assert await asyncio.to_thread(main, show) == 0
    said = capsys.readouterr().out
    assert f"`ringfence beacon try {pair.url}` asks it" in said
    assert "did not say what they answered: RF1311" in said
