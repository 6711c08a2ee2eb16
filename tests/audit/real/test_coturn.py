"""Calls of two Chromiums that go through Debian's coturn alone, over UDP, TCP and TLS: who is behind the relay is found
where that can be seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from audit.labelled import PLACES, RULES
from audit.tshark import differences, told, told_by_tshark
from captures.world import TURN
from ringfence import audit
from ringfence.audit import Audit, Flow, Question, Report

from .certificate import Certificate, certificate
from .coturn import NAME, PASSWORD, Relay, coturn
from .hosts import DEVICE, OTHER, Host
from .pages import ANSWERED, FLAGS, RELAYED, page, receives

# Messages of TURN are STUN's (RFC 8656 section 5), and tshark has a name of TURN only for its channels.
ALLOCATED = {"udp": "udp: turn by us, nothing by tshark", "tcp": "tcp: turn by us, stun by tshark"}


@dataclass(frozen=True)
class Call:
    file: Path
    seen: Audit

    @property
    def relayed(self) -> Flow:
        """The flow that has the media."""
        return max(self.seen.flows(), key=lambda flow: flow.bytes)

    def report(self) -> Report:
        return self.seen.report(Question(audit.given(DEVICE), PLACES, RULES))


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("certificate"), TURN.name)


@pytest.fixture(scope="module")
def relay(servers: Host, signed: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with coturn(servers, tmp_path_factory.mktemp("coturn"), signed) as relay:
        yield relay


@pytest.fixture(scope="module")
def browsers(
    device: Host, other: Host, playwright: Playwright, signed: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Browser]]:
    folder = tmp_path_factory.mktemp("bin")
    flags = [*FLAGS, signed.flag]
    made = [playwright.chromium.launch(executable_path=host.chromium(folder), args=flags) for host in (device, other)]
    yield made
    for browser in made:
        browser.close()


@pytest.fixture(scope="module")
def call(
    device: Host, browsers: list[Browser], relay: Relay, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Call]:
    """One for each way to the relay."""
    made: dict[str, Call] = {}

    def call(way: str) -> Call:
        if way not in made:
            folder = tmp_path_factory.mktemp(way)
            with (
                device.recorded(folder / f"turn-{way}.pcap") as file,
                page(browsers[0]) as one,
                page(browsers[1]) as other,
            ):
                offer = one.evaluate(RELAYED, {"servers": [relay.server(way)], "said": None})
                answer = other.evaluate(RELAYED, {"servers": [], "said": offer})
                one.evaluate(ANSWERED, answer)
                receives(one, 100)
                one.evaluate("window.leave()")
            made[way] = Call(file, audit.open(file))
        return made[way]

    return call


@pytest.mark.parametrize("way", ["udp", "tcp"])
def test_the_relay_and_who_is_behind_it_are_found(call: Callable[[str], Call], way: str) -> None:
    made = call(way)
    assert set(made.relayed.protocols) - {"stun"} == {"turn", "dtls", "srtp", "srtcp"}
    (relayed,) = made.relayed.all("relayed")
    assert str(relayed.get("address")).startswith(f"{TURN.v4}:")
    assert {str(one.get("address")).rpartition(":")[0] for one in made.relayed.all("relay_peer")} == set(OTHER)
    report = made.report()
    (server,) = (one for one in report.servers if one.address == TURN.v4)
    assert (server.roles, server.relayed) == (["keys", "media", "relay"], list(OTHER))
    (behind,) = (one for one in report.servers if one.address in OTHER)
    assert (behind.packets, behind.roles, behind.places[0].country) == (0, ["media"], "US")


@pytest.mark.parametrize("way", ["udp", "tcp"])
def test_what_is_sealed_in_the_relays_channels_is_seen_to_be(call: Callable[[str], Call], way: str) -> None:
    """Two Chromiums speak DTLS 1.3, in which the profile that was agreed on is encrypted."""
    flow = call(way).relayed
    assert [one.get("version") for one in flow.all("server_hello")] == [0xFEFC]
    streams = list(flow.all("media_stream"))
    assert {one.get("forth") for one in streams} == {True, False}
    assert {one.get("payload") for one in streams if one.get("sent") >= 50} == {"sealed"}
    # The fence allows Canada, and the other participant is in another country.
    assert {one.id for one in call(way).report().findings} == {"no-end-to-end-seen", "fence-outside"}


def test_inside_of_tls_nothing_of_it_is_claimed(call: Callable[[str], Call]) -> None:
    flow = call("tls").relayed
    assert (flow.b.address, flow.protocols) == (TURN.v4, ("tls",))
    report = call("tls").report()
    assert {one.id for one in report.findings} == {"no-media-seen"}
    assert not any(one.address in OTHER for one in report.servers)


def test_a_client_that_announces_turn_inside_of_tls_has_a_relay(device: Host, relay: Relay, tmp_path: Path) -> None:
    """coturn's own does (RFC 7443); before it, it tries versions of TLS that are refused."""
    words = ["turnutils_uclient", "-t", "-S", "-X", "-c", "-y", "-u", NAME, "-w", PASSWORD, "-p", str(relay.tls_port)]
    with device.recorded(tmp_path / "turn-client-tls.pcap") as file:
        device.run(*words, "-n", "1", "-m", "1", TURN.v4)
    report = audit.open(file).report(Question(audit.given(DEVICE), PLACES, RULES))
    (server,) = (one for one in report.servers if one.address == TURN.v4)
    assert server.roles == ["relay"]
    assert {one.id for one in report.findings} == {"no-media-seen"}


@pytest.mark.parametrize("way", ["udp", "tcp", "tls"])
def test_flows_and_ciphers_are_tsharks(call: Callable[[str], Call], way: str) -> None:
    made = call(way)
    relayed = f"{way}: srtcp, srtp, turn by us, rtp by tshark"
    assert differences(made.file, made.seen.scan) <= ({relayed, ALLOCATED[way]} if way in ALLOCATED else set())
    assert told(made.seen.scan) == told_by_tshark(made.file)
