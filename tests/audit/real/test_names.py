"""Names, versions and ciphers that dig, curl, openssl, aioquic and Chromium put on the wire: DNS, HTTPS and QUIC."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from audit.tshark import differences, told, told_by_tshark
from captures.world import RESOLVER, WEB
from machine import PATIENT, free_port
from ringfence import audit
from ringfence.audit import Audit, Flow

from . import quic
from .certificate import Certificate, certificate
from .hosts import Host
from .pages import FLAGS

LOW = "DEFAULT@SECLEVEL=0"  # as OpenSSL names what nobody should still use
TLS = {
    0x0301: ("--tlsv1.0", "--tls-max", "1.0", "--ciphers", LOW),
    0x0303: ("--tls-max", "1.2"),
    0x0304: ("--tlsv1.3",),
}
# In QUIC there is always TLS (RFC 9001): we name what carries it.
IN_QUIC = {"udp: nothing by us, tls by tshark"}
QUIC = {"v1": 1, "v2": 0x6B3343CF}


@contextmanager
def running(*command: str) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENT)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("certificate"), WEB.name)


@pytest.fixture(scope="module")
def asked(
    device: Host, servers: Host, signed: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Audit]:
    """A resolver, a web server and one of QUIC are asked by their programs."""
    web, http3 = free_port(), free_port()
    resolver = ["dnsmasq", "--no-daemon", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--user=root"]
    resolver += [f"--listen-address={RESOLVER.v4}", "--bind-interfaces"]
    resolver += [f"--address=/{WEB.name}/{address}" for address in (WEB.v4, WEB.v6)]
    files = str(signed.file), str(signed.key)
    server = ["openssl", "s_server", "-accept", f"{WEB.v4}:{web}", "-cert", files[0], "-key", files[1]]
    server += ["-www", "-quiet", "-cipher", LOW]
    client = [sys.executable, quic.__file__, WEB.v4, str(http3), WEB.name]
    fetch = ["curl", "-sSk", "--resolve", f"{WEB.name}:{web}:{WEB.v4}", f"https://{WEB.name}:{web}/"]
    with ExitStack() as open_:
        open_.enter_context(running(*resolver))
        open_.enter_context(running(*servers.command(*server)))
        with servers.inside():
            open_.enter_context(quic.answering(WEB.v4, http3, *files))
        device.reaches(RESOLVER.v4, 53)
        device.reaches(WEB.v4, web)
        file = open_.enter_context(device.recorded(tmp_path_factory.mktemp("names") / "names.pcap"))
        for words in ((), ("AAAA",), ("+tcp",)):
            assert device.run("dig", f"@{RESOLVER.v4}", "+short", WEB.name, *words).strip() in (WEB.v4, WEB.v6)
        for words in TLS.values():
            assert "s_server" in device.run(*fetch, *words)
        for version in QUIC:
            device.run(*client, version)
    return file, audit.open(file)


def flows(seen: Audit, protocol: str) -> list[Flow]:
    return [flow for flow in seen.flows() if flow.carries(protocol)]


def test_what_a_resolver_answered_names_the_servers(asked: tuple[Path, Audit]) -> None:
    found = flows(asked[1], "dns")
    assert [flow.transport for flow in found] == ["udp", "udp", "tcp"]
    answers = [one for flow in found for one in flow.all("dns_answer")]
    assert [(one.get("name"), one.get("addresses")) for one in answers] == [
        (WEB.name, [WEB.v4]),
        (WEB.name, [WEB.v6]),
        (WEB.name, [WEB.v4]),
    ]


def test_each_version_of_tls_is_told_with_its_name(asked: tuple[Path, Audit]) -> None:
    found = flows(asked[1], "tls")
    assert [one.get("version") for flow in found for one in flow.all("server_hello")] == list(TLS)
    assert [one.get("server_name") for flow in found for one in flow.all("client_hello")] == [WEB.name] * len(TLS)


def test_only_the_old_version_of_tls_is_a_weakness(asked: tuple[Path, Audit]) -> None:
    old, *_ = flows(asked[1], "tls")
    report = asked[1].report()
    assert {(one.id, *one.flows) for one in report.findings} == {("old-tls", old.id), ("no-media-seen",)}


def test_the_name_that_quic_hides_in_its_first_packet_is_read(asked: tuple[Path, Audit]) -> None:
    found = flows(asked[1], "quic")
    assert [{one.get("version") for one in flow.all("quic")} for flow in found] == [{one} for one in QUIC.values()]
    for flow in found:
        (hello,) = flow.all("client_hello")
        assert (hello.get("server_name"), hello.get("alpn")) == (WEB.name, ["h3"])


def test_flows_names_and_ciphers_are_tsharks(asked: tuple[Path, Audit]) -> None:
    file, seen = asked
    assert differences(file, seen.scan) == IN_QUIC
    assert told(seen.scan) == told_by_tshark(file)


def test_a_page_that_chromium_fetches_over_quic_is_named(
    device: Host, servers: Host, playwright: Playwright, signed: Certificate, tmp_path: Path
) -> None:
    """Its first message is longer than a packet, and in pieces that are not in order."""
    port = free_port()
    origin = f"{WEB.name}:{port}"
    flags = [*FLAGS, signed.flag, f"--origin-to-force-quic-on={origin}", f"--host-resolver-rules=MAP {origin} {WEB.v4}"]
    with ExitStack() as open_:
        with servers.inside():
            open_.enter_context(quic.answering(WEB.v4, port, str(signed.file), str(signed.key)))
        file = open_.enter_context(device.recorded(tmp_path / "chromium-quic.pcap"))
        browser = playwright.chromium.launch(executable_path=device.chromium(tmp_path), args=flags)
        page = browser.new_page()
        page.goto(f"https://{origin}/")
        assert page.title() == "A page over QUIC"
        browser.close()
    seen = audit.open(file)
    flow, *more = flows(seen, "quic")
    assert not more
    assert {one.get("version") for one in flow.all("quic")} == {1}
    (hello,) = flow.all("client_hello")
    assert (hello.get("server_name"), hello.get("alpn")) == (WEB.name, ["h3"])
    assert {one.id for one in seen.report().findings} == {"no-media-seen"}
    assert differences(file, seen.scan) == IN_QUIC
    assert told(seen.scan) == told_by_tshark(file)
