"""A server on a public address whose operator imported data sets: where they agree, a fence that asks for it holds.
It is in a network of its own, where that address is its."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from browser import network
from conftest import Serving
from lying.documents import unb64
from machine import PATIENT
from ringfence.cli.main import main

from .meeting import Organiser

HERE = "203.0.113.7"
CANADA = 'name = "Canada"\nversion = 1\n[allow]\ncountries = ["CA"]\n# {}'
SAYS = '[operator]\nid = "coop"\nname = "Co-op"\nlaw = ["CA"]\nparents = []\n[node]\nname = "tor1"\ncountry = "CA"\n'
pytestmark = pytest.mark.skipif(not network.may_have_own_network(), reason="networks are made by root")


@pytest.fixture
def public(serve: Callable[..., Serving], tmp_path: Path) -> Iterator[Serving]:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "ringfence.toml").write_text(SAYS)
    with network.own_network():
        subprocess.run(["ip", "addr", "add", f"{HERE}/32", "dev", "lo"], check=True)
        yield serve("--media-address", HERE)


def bring(server: Serving, country: str, kind: str, *, days: int = 1) -> None:
    """What its operator does while it runs."""
    file = server.data.parent / f"{kind}.txt"
    file.write_text(f"203.0.113.0,203.0.113.255,{country}\n")
    day = (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
    words = ["geo", "import", str(file), "--kind", kind, "--name", kind, "--date", day, "--data", str(server.data)]
    assert main(words) == 0


def asked(server: Serving, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{server.url}/api/v1/{path}", timeout=PATIENT).json()
    return answer


def node(server: Serving) -> dict[str, Any]:
    return asked(server, "node")


class Owner(Organiser):
    """Who names the data sets that the server has, as a page does."""

    def __init__(self, server: Serving) -> None:
        super().__init__(server.url, policy=CANADA)
        self.data = sorted(unb64(found["digest"]) for found in node(server)["data"])

    def charter(self, **changes: Any) -> bytes:
        operators = {self.owner.operator["id"]: self.owner.operator["key"]}
        trust = {"operators": operators, "log": None, "beacons": [], "data": self.data}
        return super().charter(**({"trust": trust} | changes))


def refusals(response: httpx.Response) -> set[str]:
    assert (response.status_code, response.json()["code"]) == (409, "RF1103")
    return {reason["code"] for reason in response.json()["reasons"]}


async def test_a_fence_that_asks_for_agreement_holds_with_what_was_imported(public: Serving) -> None:
    assert node(public)["data"] == node(public)["located"] == []
    assert refusals(Owner(public).post()) == {"RF2108"}
    bring(public, "CA", "registry")
    assert refusals(Owner(public).post()) == {"RF2108"}
    bring(public, "CA", "geoip")
    assert [found["kind"] for found in node(public)["data"]] == ["registry", "geoip"]
    # They count for who names them.
    assert refusals(Organiser(public.url, policy=CANADA).post()) == {"RF2108"}
    owner = Owner(public).held()
    async with owner.host() as host, owner.guest() as guest:
        await (await host.join("Hanna")).phase("in")
        await (await guest.join("Gil")).phase("in")
        place = await guest.event(lambda e: e["t"] == "place")
        assert place["nodes"][0]["standing"] == "consistent"
        said = [(word["kind"], word["address"], word["country"]) for word in place["nodes"][0]["sources"]]
        assert sorted(said) == [("geoip", HERE, "CA"), ("registry", HERE, "CA")]
    read = asked(public, f"meetings/{owner.meeting}")
    assert sorted(read["located"]) == sorted(node(public)["located"])


def test_a_data_set_that_places_the_server_elsewhere_refuses_it(public: Serving) -> None:
    bring(public, "CA", "registry")
    bring(public, "US", "geoip")
    assert refusals(Owner(public).post()) == {"RF2103"}


async def test_a_meeting_goes_on_with_the_data_sets_that_it_was_made_with_as_long_as_they_are_kept(
    public: Serving,
) -> None:
    bring(public, "CA", "registry", days=3)
    bring(public, "CA", "geoip", days=3)
    former = Owner(public).held()
    bring(public, "US", "geoip")
    assert refusals(Owner(public).post()) == {"RF2103"}
    async with former.guest() as guest:
        await (await guest.join("Gil")).phase("in")
    for path in (public.data / "geo").glob("geoip-*"):
        path.unlink()
    assert refusals(former.post()) == {"RF2118"}
    async with former.guest() as guest:
        await guest.phase("stopped")
        assert guest.problems == ["RF2118"]


def test_a_damaged_data_set_is_left_out_until_it_is_imported_again(public: Serving) -> None:
    bring(public, "CA", "registry")
    bring(public, "CA", "geoip")
    owner = Owner(public)
    (path,) = (public.data / "geo").glob("geoip-*")
    path.write_bytes(path.read_bytes()[:-1])
    assert [found["kind"] for found in node(public)["data"]] == ["registry"]
    assert refusals(owner.post()) == {"RF2118"}
    bring(public, "CA", "geoip")
    assert owner.post().status_code == 201


def test_what_is_too_old_is_not_offered(public: Serving) -> None:
    bring(public, "CA", "registry", days=401)
    bring(public, "CA", "geoip", days=399)
    assert [found["kind"] for found in node(public)["data"]] == ["geoip"]
