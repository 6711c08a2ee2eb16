"""A call of two Chromiums, on hosts of their own, through our server: what the one that is recorded sent and got shows
how it was encrypted, agrees with what its page saved as a receipt, and stays inside the fence."""

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from audit.labelled import PLACES
from audit.tshark import UNDECRYPTED, differences, told, told_by_tshark
from browser.person import FLAGS, Person
from browser.server import Server
from browser.test_receipts import saved
from captures.world import FENCE, REGISTRY, SFU
from machine import free_port
from ringfence import audit
from ringfence._core import fence
from ringfence.audit import Audit, Flow, Question, Report
from ringfence.audit.comparing import declared
from ringfence.audit.fencing import Fence
from ringfence.cli.main import main

from .hosts import DEVICE, Host

# What its operator says of the server, in the country that the fence allows.
SAYS = '[operator]\nid = "coop"\nname = "Co-op"\nlaw = ["CA"]\nparents = []\n[node]\nname = "tor1"\ncountry = "CA"\n'
WAYS = {"inbound": "packetsReceived", "outbound": "packetsSent"}
POLICY = fence.parse_policy(FENCE)


@dataclass(frozen=True)
class Call:
    file: Path
    receipt: Path
    seen: Audit

    @property
    def media(self) -> Flow:
        (flow,) = (flow for flow in self.seen.flows() if flow.carries("dtls"))
        return flow

    def report(self, policy: bytes = POLICY) -> Report:
        """Held against a fence, and against the receipt, whose statements count."""
        said = declared("receipt", self.receipt.read_bytes())
        near = audit.given(DEVICE)
        return self.seen.report(Question(near, PLACES, Fence(policy, PLACES, said.stated), said))


@pytest.fixture(scope="module")
def call(
    device: Host, other: Host, servers: Host, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Call:
    folder = tmp_path_factory.mktemp("own")
    port = free_port()
    url = f"http://{SFU.v4}:{port}"
    # A page of another machine is secure only over TLS; this one origin is taken as if it were.
    flags = [*FLAGS, f"--unsafely-treat-insecure-origin-as-secure={url}"]
    (folder / "data").mkdir(mode=0o700)
    (folder / "data" / "ringfence.toml").write_text(SAYS)
    with ExitStack() as leaving:
        with servers.inside():
            server = Server(folder / "data", port, "--host", SFU.v4, "--media-address", SFU.v4, "--public-url", url)
        leaving.callback(server.stop)

        def somebody(host: Host, name: str) -> Person:
            browser = playwright.chromium.launch(executable_path=host.chromium(folder), args=flags)
            leaving.callback(browser.close)
            person = Person(browser, url, name)
            leaving.callback(person.close)
            return person

        ben = somebody(other, "Ben")
        # As the README has it.
        with device.recorded(folder / "own-call.pcap", "any") as file:
            ada = somebody(device, "Ada")
            receipt = talk(ada, ben, folder)
        return Call(file, receipt, audit.open(file))


def talk(ada: Person, ben: Person, folder: Path) -> Path:
    """Until enough was sent each way; the receipt that Ada then saves."""
    link = ada.new_meeting("Rounds")
    ada.ask_to_join().is_in()
    ben.join(link)
    ada.sees("Ben")
    ben.sees("Ada")
    ways = [(way, counted, kind) for way, counted in WAYS.items() for kind in ("audio", "video")]

    def enough() -> bool:
        return all(ada.total(f"{way}-rtp", counted, kind=kind) > 150 for way, counted, kind in ways)

    ada.until(enough, "too few packets")
    return saved(ada, ada.place(), folder)


def test_all_that_is_said_of_it_is_true(call: Call) -> None:
    """Its second layer is inside of SRTP, where no capture shows it; and without TLS its signalling can be read."""
    report = call.report()
    assert {one.id for one in report.findings} == {"no-end-to-end-seen", "signalling-in-clear"}
    assert report.clean
    assert {one.talk: one.verdict for one in report.fitness}["internal"] == "fit"
    (server,) = (one for one in report.servers if one.address == SFU.v4)
    assert server.roles == ["signalling", "keys", "media"]
    assert all(one.roles == ["other"] and not one.decisions for one in report.servers if one is not server)


def test_its_media_is_sealed_and_everybody_is_told_apart(call: Call) -> None:
    flow = call.media
    assert set(flow.protocols) == {"stun", "dtls", "srtp", "srtcp"}
    streams = list(flow.all("media_stream"))
    assert {one.get("forth") for one in streams} == {True, False}
    long = [one for one in streams if one.get("sent") > 150]
    # Of a stream that comes when what is kept of others is full, nothing is said.
    assert {one.get("payload") for one in long} <= {"sealed", "unknown"}
    assert {one.get("forth") for one in long if one.get("payload") == "sealed"} == {True, False}
    assert not list(flow.all("repeated_blocks", "shared_blocks", "key_in_clear"))


def test_its_signalling_is_told_by_what_it_carries(call: Call) -> None:
    by_tcp = [flow for flow in call.seen.flows() if flow.transport == "tcp"]
    (socket,) = (flow for flow in by_tcp if flow.carries("web_socket"))
    assert {one.get("fingerprint") for one in socket.all("sdp_media")} == {True}
    assert all(flow.protocols == ("http",) for flow in by_tcp if flow is not socket)


def test_capture_and_receipt_agree(call: Call) -> None:
    told = call.report().receipt
    assert told is not None
    assert (told.clean, told.agrees) == (True, True)


def test_a_fence_elsewhere_refuses_its_server(call: Call) -> None:
    elsewhere = fence.parse_policy(FENCE.replace('"CA"', '"CH"').replace("Canada", "Switzerland"))
    report = call.report(elsewhere)
    (outside,) = (one for one in report.findings if one.id == "fence-outside")
    assert (outside.server, outside.confidence, report.clean) == (SFU.v4, "likely", False)


def test_the_command_says_the_same(call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy, registry = tmp_path / "fence.toml", tmp_path / "delegated-arin-extended-latest"
    policy.write_text(FENCE)
    registry.write_text(REGISTRY)
    words = ["audit", str(call.file), "--receipt", str(call.receipt), "--fence", str(policy), "--geo", str(registry)]
    assert main([*words, "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {one["id"] for one in said["findings"]} == {"no-end-to-end-seen", "signalling-in-clear"}
    assert DEVICE[0] in said["near"]


def test_flows_ciphers_and_profiles_are_tsharks(call: Call) -> None:
    assert differences(call.file, call.seen.scan) <= UNDECRYPTED
    assert told(call.seen.scan) == told_by_tshark(call.file)
