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
from .coturn import Relay, coturn
from .hosts import DEVICE, OTHER, Host
from .pages import ANSWERED, FLAGS, RELAYED, page, receives


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
    flags = [*FLAGS, signed.flag, f"--host-resolver-rules=MAP {TURN.name} {TURN.v4}"]
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
                receives(one, 200)
                one.evaluate("window.leave()")
            made[way] = Call(file, audit.open(file))
        return made[way]

    return call
