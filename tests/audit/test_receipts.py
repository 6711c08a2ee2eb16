"""A receipt beside a capture: they agree, or what differs is named."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from audit import packets
from audit.made import SERVER, START, flow, media, scan, server_hello, stream, web
from conftest import Serving
from ringfence.audit import Question, Report
from ringfence.audit.comparing import Declared, declared
from ringfence.audit.fencing import Stated
from ringfence.cli.main import main
from server.meeting import Organiser, agreed

SECONDS = START // 10**9


def said(**changes: Any) -> Declared:
    """Of a participant who joined two seconds before the capture begins, and saved it a minute later."""
    fields = {
        "file": "mine.cbor",
        "clean": True,
        "codes": (),
        "begin": SECONDS - 10,
        "made": SECONDS + 90,
        "joined": SECONDS - 2,
        "whole": True,
        "sent": ({"address": SERVER, "port": 3478, "from": SECONDS, "until": None},),
        "stated": (Stated(b"{}", frozenset({SERVER, "203.0.113.8"})),),
    }
    return Declared(**(fields | changes))


def held(receipt: Declared, *flows: Any) -> Report:
    return scan(*(flows or (media(), web()))).report(Question(receipt=receipt))


def weak(report: Report) -> list[str]:
    return [finding.id for finding in report.findings if finding.weakness]


def test_a_capture_that_shows_what_the_receipt_declares_agrees() -> None:
    report = held(said())
    assert report.receipt is not None
    assert (weak(report), report.receipt.agrees, report.clean) == ([], True, True)
    assert any("agree" in sentence for sentence in report.receipt.sentences)


def test_media_with_an_address_that_it_does_not_name_is_named() -> None:
    other = flow(["dtls", "srtp"], server_hello(5), stream(6), b=("198.51.100.66", 3478))
    report = held(said(), media(), other)
    assert weak(report) == ["undeclared-contact"]
    found = next(finding for finding in report.findings if finding.weakness)
    assert found.server == "198.51.100.66"
    assert {5, 6} <= set(found.packets)
    assert report.receipt is not None
    assert not report.receipt.agrees


def test_asking_a_relay_that_it_does_not_name_is_named() -> None:
    assert weak(held(said(), media(), flow(["stun"], b=("198.51.100.66", 3478)))) == ["undeclared-contact"]


def test_what_is_neither_media_nor_relay_need_not_be_declared() -> None:
    assert weak(held(said(), media(), flow(["dns"], b=("198.51.100.53", 53)))) == []


def test_media_before_the_participant_was_admitted_is_named() -> None:
    early = media(stream(9, at=0, forth=False))
    assert weak(held(said(joined=SECONDS + 30), early)) == ["media-before-admission"]
    assert weak(held(said(joined=None), early)) == ["media-before-admission"]


def test_media_that_the_device_itself_sent_or_of_a_few_packets_is_not_before_admission() -> None:
    for one in (stream(9, at=0, forth=True), stream(9, at=0, forth=False, sent=5)):
        assert weak(held(said(joined=SECONDS + 30), media(one))) == []


def test_clocks_may_differ_by_a_little() -> None:
    assert weak(held(said(joined=SECONDS + 4), media(stream(9, at=0, forth=False)))) == []


def test_other_times_say_nothing_about_each_other() -> None:
    later = said(begin=SECONDS + 9000, made=SECONDS + 9100, joined=SECONDS + 9001)
    report = held(later, media(), flow(["stun"], b=("198.51.100.66", 3478)))
    assert report.receipt is not None
    assert (weak(report), report.receipt.agrees) == ([], False)
    assert any("not of the same time" in sentence for sentence in report.receipt.sentences)


def test_a_receipt_that_is_not_clean_is_named_with_what_it_shows() -> None:
    report = held(said(clean=False, codes=("RF3313",)))
    assert weak(report) == ["receipt-not-clean"]
    assert "RF3313" in report.findings[0].text


def test_a_receipt_from_which_something_was_left_out_says_so() -> None:
    report = held(said(whole=False))
    assert report.receipt is not None
    assert any("left out" in sentence for sentence in report.receipt.sentences)


def test_an_agreeing_receipt_stands_for_the_second_layer() -> None:
    assert [one.verdict for one in held(said()).fitness] == ["fit", "fit", "not shown"]
    reasons = held(said()).fitness[2].reasons
    assert not any("end-to-end" in reason for reason in reasons)


async def _meeting(organiser: Organiser) -> bytes:
    async with organiser.held().host() as host, organiser.guest() as guest:
        await (await host.join("Hanna")).phase("in")
        await (await guest.join("Gil")).phase("in")
        await agreed(host, guest)
        return await host.receipt()


@pytest.fixture(scope="module")
def saved(server: Serving, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("receipt") / "hanna.cbor"
    path.write_bytes(asyncio.run(_meeting(Organiser(server.url))))
    return path


def test_a_real_receipt_is_read_with_its_times_and_addresses(saved: Path) -> None:
    read = declared("hanna.cbor", saved.read_bytes())
    assert read.clean
    assert read.joined is not None
    assert read.begin <= read.joined <= read.made
    assert read.addresses == {"127.0.0.1"}


def test_a_real_receipt_is_held_against_a_capture(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin = declared("hanna.cbor", saved.read_bytes()).begin
    (tmp_path / "call.pcap").write_bytes(packets.file(packets.frames(), begin))
    words = ["audit", str(tmp_path / "call.pcap"), "--receipt", str(saved), "--format", "json"]
    assert main(words) == 1
    report = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in report["findings"] if one["weakness"]] == ["undeclared-contact"]
    assert packets.SERVER in report["findings"][0]["text"]
    assert not report["receipt"]["agrees"]
