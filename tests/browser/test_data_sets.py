"""On a public address, with data sets imported, a fence by country holds without anybody's word being enough."""

import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from machine import free_port
from ringfence.cli.main import main

from . import network
from .conftest import people
from .person import Person
from .server import Server

HERE = "203.0.113.7"
SAYS = '[operator]\nid = "coop"\nname = "Co-op"\nlaw = ["CA"]\nparents = []\n[node]\nname = "tor1"\ncountry = "CA"\n'
pytestmark = pytest.mark.skipif(not network.may_have_own_network(), reason="networks are made by root")


@pytest.fixture
def public(alone: object, tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "ringfence.toml").write_text(SAYS)
    # This network is ours.
    subprocess.run(["ip", "addr", "replace", f"{HERE}/32", "dev", "lo"], check=True)
    server = Server(data, free_port(), "--media-address", HERE)
    yield server
    server.stop()
    subprocess.run(["ip", "addr", "del", f"{HERE}/32", "dev", "lo"], check=True)


@pytest.fixture
def there(browser: Browser, public: Server) -> Iterator[Callable[..., Person]]:
    with people(browser, public.url) as somebody:
        yield somebody


def bring(server: Server, kind: str) -> None:
    file = server.data.parent / f"{kind}.txt"
    file.write_text("203.0.113.0,203.0.113.255,CA\n")
    words = ["geo", "import", str(file), "--kind", kind, "--name", kind, "--data", str(server.data)]
    assert main([*words, "--date", datetime.now(UTC).date().isoformat()]) == 0


def test_a_fence_by_country_holds_where_data_sets_agree(public: Server, there: Callable[..., Person]) -> None:
    ada, ben = there("Ada"), there("Ben")
    dialog = ada.begin_meeting("Rounds")
    radio = dialog.get_by_role("radio", name=re.compile("^Canada"))
    canada = radio.locator("xpath=ancestor::label")
    expect(canada.get_by_text("allows 0 of 1 server")).to_be_visible()
    for kind in ("registry", "geoip"):
        bring(public, kind)
    ada.begin_meeting("Rounds")
    expect(canada.get_by_text("allows 1 of 1 server")).to_be_visible()
    ada.pick(radio)
    ada.press("Create meeting")
    link = ada.page.get_by_role("textbox", name="Meeting link").input_value()
    ada.open(link).ask_to_join().is_in()
    ben.join(link)
    ben.sees("Ada")
    expect(ben.place()).to_contain_text("consistent", ignore_case=True)
