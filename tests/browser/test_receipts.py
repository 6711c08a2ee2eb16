"""Receipts, saved by the button in real browsers and checked by the command, beside every packet that was sent."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from machine import PATIENT
from ringfence.cli.main import main

from . import network
from .away import HERE, Away
from .conftest import people
from .network import KERNEL, TCP, UDP, Capture
from .person import Person
from .server import Server

NOBODY = "198.51.100.7"  # RFC 5737: an address of no one
pytestmark = pytest.mark.skipif(not network.may_have_own_network(), reason="networks are made by root")


@pytest.fixture
def heard(away: Away) -> Iterator[Capture]:
    """All that leaves the browsers' host."""
    with network.within(away.name):
        capture = Capture(lambda packet: packet.protocol not in KERNEL and not packet.target.is_loopback)
    with capture:
        yield capture


@pytest.fixture
def somebody(away_browser: Browser, near_server: Server) -> Iterator[Callable[..., Person]]:
    with people(away_browser, near_server.url) as somebody:
        yield somebody


def saved(person: Person, where: Locator, folder: Path) -> Path:
    with person.page.expect_download() as download:
        where.get_by_role("button", name="Save receipt").click()
    file = folder / f"{person.name}-{download.value.suggested_filename}"
    download.value.save_as(file)
    expect(where.get_by_text("was handed to")).to_be_visible()
    return file


def verified(capsys: pytest.CaptureFixture[str], *files: Path) -> dict[str, Any]:
    """What the command says of receipts that it finds clean."""
    capsys.readouterr()
    status = main(["verify", *map(str, files), "--format", "json"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert status == 0, report
    return report


def test_every_packet_goes_where_the_receipts_say(
    heard: Capture, somebody: Callable[..., Person], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada, ben = somebody("Ada"), somebody("Ben")
    link = ada.new_meeting("Rounds")
    ada.ask_to_join().is_in()
    ben.join(link)
    ada.sees("Ben")
    ben.sees("Ada")
    ada.chat("Who was on call?")
    ben.reads("Who was on call?")
    during = saved(ben, ben.place(), tmp_path)
    ada.leave()
    after = saved(ada, ada.page.get_by_role("main"), tmp_path)
    ben.leave()
    report = verified(capsys, during, after)
    assert report["common_epochs"] >= 1
    lines = [line for receipt in report["receipts"] for line in receipt["lines"]]
    stated = {found for line in lines if line["by"] == "operator" for found in re.findall(r"at (\S+)$", line["text"])}
    media = re.compile(r"^sealed media went to (\S+) port (\d+)$")
    told = {media.fullmatch(line["text"]) for line in lines if line["text"].startswith("sealed media")}
    sent = {(found[1], int(found[2])) for found in told if found}
    assert stated == {HERE}
    assert {target for target, _ in sent} == stated
    packets = heard.packets
    assert len([packet for packet in packets if packet.protocol == UDP]) > 100
    assert {(str(packet.target), packet.target_port) for packet in packets if packet.protocol == UDP} == sent
    assert {str(packet.target) for packet in packets if packet.protocol == TCP} == stated
    # Its system may answer what comes for a connection that it has closed (ICMP).
    assert {str(packet.target) for packet in packets} == stated


def test_a_packet_to_somebody_else_is_heard(heard: Capture, away: Away) -> None:
    """The control of the test above."""
    with network.within(away.name), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        away.inside("route", "replace", "default", "via", HERE)
        stranger.sendto(b"hello", (NOBODY, 443))
    heard.wait(1, PATIENT)
    assert (NOBODY, 443) in {(str(packet.target), packet.target_port) for packet in heard.packets}
