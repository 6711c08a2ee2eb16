"""Calls of Chromium with Debian's Janus: DTLS-SRTP with either kind of profile, and no second layer."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from audit.labelled import PLACES, RULES
from audit.tshark import UNDECRYPTED, differences, told, told_by_tshark
from captures.world import SFU
from ringfence import audit
from ringfence.audit import Audit, Flow, Question

from .hosts import DEVICE, Host
from .janus import janus
from .pages import ECHO, FLAGS, page, receives

# Whoever answers the handshake chooses. `setup` of the offer: what makes the other one begin.
CHOSEN = {"passive": ("aes-cm", 0x0001), "active": ("aes-gcm", 0x0008)}


@dataclass(frozen=True)
class Call:
    file: Path
    seen: Audit
    profile: int

    @property
    def media(self) -> Flow:
        (flow,) = (flow for flow in self.seen.flows() if flow.carries("dtls"))
        return flow


@pytest.fixture(scope="module")
def browser(device: Host, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = device.chromium(tmp_path_factory.mktemp("bin"))
    browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="module", params=CHOSEN, ids=["AES-CM, that Chromium chooses", "AES-GCM, that Janus chooses"])
def call(
    request: pytest.FixtureRequest,
    device: Host,
    servers: Host,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Call:
    name, profile = CHOSEN[request.param]
    with (
        janus(servers, tmp_path_factory.mktemp("janus")) as address,
        device.recorded(tmp_path_factory.mktemp("call") / f"janus-{name}.pcap") as file,
        page(browser) as caller,
    ):
        caller.evaluate(ECHO, {"address": address, "setup": request.param})
        receives(caller, 100)
        caller.evaluate("window.leave()")
    return Call(file, audit.open(file), profile)


def test_its_media_is_sealed_by_the_profile_that_was_agreed_on(call: Call) -> None:
    flow = call.media
    assert set(flow.protocols) == {"stun", "dtls", "srtp", "srtcp"}
    assert [one.get("srtp_profile") for one in flow.all("server_hello")] == [call.profile]
    streams = list(flow.all("media_stream"))
    assert {one.get("forth") for one in streams} == {True, False}
    assert {one.get("payload") for one in streams if one.get("sent") >= 50} == {"sealed"}
    assert not list(flow.all("repeated_blocks", "shared_blocks", "sframe"))


def test_all_that_is_said_of_it_is_true(call: Call) -> None:
    """No end-to-end encryption, and its WebSocket is not encrypted."""
    report = call.seen.report(Question(audit.given(DEVICE), PLACES, RULES))
    (signalling,) = (flow for flow in call.seen.flows() if flow.carries("web_socket"))
    assert {(one.id, *one.flows) for one in report.findings} == {
        ("no-end-to-end-seen", call.media.id),
        ("signalling-in-clear", signalling.id),
    }
    assert report.clean
    (server,) = (one for one in report.servers if one.address == SFU.v4)
    assert server.roles == ["signalling", "keys", "media"]


def test_who_was_recorded_is_seen_without_being_told(call: Call) -> None:
    assert set(DEVICE) <= set(call.seen.report().near)


def test_flows_ciphers_and_profiles_are_tsharks(call: Call) -> None:
    assert differences(call.file, call.seen.scan) <= UNDECRYPTED
    assert told(call.seen.scan) == told_by_tshark(call.file)
