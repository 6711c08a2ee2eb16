"""The first lines of a report: what it says in a few sentences is what its findings and tables say, and no more."""

import pytest

from audit.made import ME, flow, media, scan, seen, stream, web
from audit.sample import report as sample
from ringfence.audit import Report
from ringfence.audit.story import headline, in_short
from ringfence.audit.text import brief


def said(report: Report) -> dict[str, str]:
    return dict(in_short(report))


def test_the_headline_says_for_which_talk_and_why() -> None:
    assert headline(sample()) == (
        "Not fit for internal or confidential talk: media encrypted block by block (ECB), a server outside the fence, "
        "third parties were contacted."
    )


def test_a_clean_call_is_no_more_than_not_weak() -> None:
    told = headline(scan(media(), web()).report())
    assert told == "No weakness was found. Whether it is fit for confidential talk is not shown."


def test_a_capture_without_a_call_is_no_success() -> None:
    for report in (scan().report(), scan(web()).report()):
        assert headline(report).startswith("No call was recognised")
        assert "nothing is said of how" in said(report)["How it was encrypted"]


def test_addresses_are_counted_by_what_data_sets_say() -> None:
    told = said(sample())
    assert told["Where it went"].startswith(
        "5 addresses took part: by data sets 2 in China, 2 in Germany, 1 in Canada."
    )
    assert "Of 2 the network is not known" in told["Who is there"]
    assert "no proof" in told["Who is there"]


def test_without_data_sets_neither_country_nor_operator_is_known() -> None:
    told = said(scan(media(), web()).report())
    assert told["Where it went"] == (
        "2 addresses took part. In which countries is not known: no data set was given (--geo, docs/audit.md)."
    )
    assert told["Who is there"].startswith("Who runs the servers is not known")


def test_an_address_of_a_local_network_needs_no_data_set() -> None:
    told = said(scan(media(b=("192.168.1.9", 3478))).report())
    assert told["Where it went"] == "1 address took part: 1 in a local network."


@pytest.mark.parametrize(
    ("flows", "words"),
    [
        ([media()], "encrypted on the way, as far as can be seen (SRTP) with 1 address"),
        ([flow(["rtp"], stream(7, payload="readable"))], "readable by anybody on the way with 1 address"),
        ([flow(["rtp"], stream(7, payload="unknown"))], "it cannot be told with 1 address"),
        ([media(), flow(["dtls", "srtp"], stream(7), a=(ME, 9), b=("203.0.113.9", 1))], "(SRTP) with 2 addresses"),
        ([media(), flow(["rtp"], stream(7, payload="unknown"))], "in part it cannot be told, with 1 address"),
        (
            [media(), flow(["sip"], seen("key_in_clear", 5, place="a=crypto in SIP", suite="x", forth=True))],
            "Keys of media were sent where anybody on the way could read them.",
        ),
    ],
)
def test_how_it_was_encrypted_is_what_was_seen_of_its_media(flows: list[object], words: str) -> None:
    told = said(scan(*flows).report())["How it was encrypted"]  # type: ignore[arg-type]
    assert words in told
    assert "does not prove that there was none" in told


def test_a_call_that_runs_is_told_in_lines_that_fit_a_terminal() -> None:
    lines = brief(sample())
    assert max(map(len, lines)) <= 79
    assert "  ! critical: Media encrypted block by block (ECB) (1)" in lines
    assert "  ! high: A server outside the fence (2)" in lines
    assert any(line.startswith("  203.0.113.9: China, network of EXAMPLE-CARRIER") for line in lines)
    hostile = brief(scan(media(), web("\x1b[2J\u202e" * 40)).report())
    assert max(map(len, hostile)) <= 79 and not any("\x1b" in line or "\u202e" in line for line in hostile)
