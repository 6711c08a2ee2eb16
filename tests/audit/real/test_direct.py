"""A call of two Chromiums without any server, of which one has two addresses: both are asked for a way, and media goes
to one. No third machine took part, and none is said to have."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from audit.tshark import UNDECRYPTED, differences, told, told_by_tshark
from captures.world import BORIS
from ringfence import audit
from ringfence.audit import Audit, Question

from .hosts import DEVICE, Host
from .pages import ANSWERED, FLAGS, RELAYED, page, receives

# The first can be reached, and the second is of a network behind it.
THERE = ("198.51.100.7", BORIS.v4)


@pytest.fixture(scope="module")
def call(
    device: Host, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, Audit]]:
    folder = tmp_path_factory.mktemp("direct")
    there = Host(*THERE)
    browsers = [
        playwright.chromium.launch(executable_path=host.chromium(folder), args=FLAGS) for host in (device, there)
    ]
    with device.recorded(folder / "direct.pcap") as file, page(browsers[0]) as one, page(browsers[1]) as other:
        answer = other.evaluate(RELAYED, {"servers": [], "said": one.evaluate(RELAYED, {"servers": [], "said": None})})
        assert all(address in answer["sdp"] for address in THERE)
        one.evaluate(ANSWERED, answer)
        receives(one, 100)
        one.evaluate("window.leave()")
    yield file, audit.open(file)
    for browser in browsers:
        browser.close()
    there.close()


def test_both_addresses_are_of_media_and_no_relay(call: tuple[Path, Audit]) -> None:
    report = call[1].report(Question(audit.given(DEVICE)))
    roles = {one.address: one.roles for one in report.servers if one.roles != ["other"]}
    assert roles == {THERE[0]: ["keys", "media"], THERE[1]: ["media"]}


def test_all_that_is_said_of_it_is_true(call: tuple[Path, Audit]) -> None:
    """No second layer, and DTLS 1.3, in which the certificates are encrypted."""
    report = call[1].report(Question(audit.given(DEVICE)))
    (media,) = (flow for flow in call[1].flows() if flow.carries("dtls"))
    assert {(one.id, *one.flows) for one in report.findings} == {("no-end-to-end-seen", media.id)}
    assert set(media.protocols) == {"stun", "dtls", "srtp", "srtcp"}


def test_flows_and_ciphers_are_tsharks(call: tuple[Path, Audit]) -> None:
    file, seen = call
    assert differences(file, seen.scan) <= UNDECRYPTED
    assert told(seen.scan) == told_by_tshark(file)
