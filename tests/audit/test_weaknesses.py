"""Each weakness alone is found, is named with its packets, and a clean call shows none."""

from typing import Any

import pytest

from audit.made import certificate, client_hello, flow, media, scan, seen, server_hello, stream, web
from ringfence.audit import Audit
from ringfence.audit.catalogue import catalogue

SIP = {"a": ("192.168.1.20", 5060), "b": ("203.0.113.9", 5060)}


def ids(audit: Audit) -> set[str]:
    return {finding.id for finding in audit.report().findings}


def weak(audit: Audit) -> set[str]:
    return {finding.id for finding in audit.report().findings if finding.weakness}


def key(*packets: int, **fields: Any) -> dict[str, Any]:
    said = {"place": "SDP in SIP", "suite": "AES_CM_128_HMAC_SHA1_80"} | fields
    return seen("key_in_clear", *packets, **said)


CASES = {
    "media-in-clear": [flow(["rtp"], stream(7, payload="readable", codec=None))],
    "codec-readable": [flow(["rtp"], stream(7, payload="readable", codec="Opus"))],
    "ecb": [media(stream(7), seen("repeated_blocks", 8, 9, ssrc=1, forth=True, header=0, blocks=900, repeated=40))],
    "keys-in-clear": [media(), flow(["sip"], key(5), **SIP)],
    "short-tag": [flow(["dtls", "srtp"], server_hello(3, srtp_profile=2), stream(9))],
    "old-dtls": [flow(["dtls", "srtp"], server_hello(3, version=0xFEFF), stream(9))],
    "old-tls": [media(), flow(["tls"], server_hello(3, carrier="tls", version=0x0301), transport="tcp")],
    "weak-cipher": [media(), flow(["tls"], server_hello(3, carrier="tls", version=0x0303, cipher=5), transport="tcp")],
    "weak-certificate": [media(), web("meet.example", certificate(6, key="rsa", bits=1024))],
    "third-party": [media(), web(), web("tracker.example.net", b=("198.51.100.9", 443), begin=5)],
    "one-key": [flow(["sip"], key(5, fingerprint=77, forth=True), key(6, fingerprint=77, forth=False), **SIP)],
}


@pytest.mark.parametrize("id_", CASES)
def test_a_weakness_is_found_with_its_packets_and_makes_the_call_not_clean(id_: str) -> None:
    report = scan(*CASES[id_]).report()
    found = [finding for finding in report.findings if finding.id == id_]
    assert found
    assert all(finding.packets and finding.flows for finding in found)
    assert not report.clean


# Those that come along: what can be played back is in clear, and a key that is said twice is said.
def test_equal_encrypted_blocks_in_two_sources_are_one_key() -> None:
    shared = seen("shared_blocks", 8, 9, ssrcs=[1, 2], blocks=40)
    found = scan(media(stream(7), shared)).report().findings
    assert [(one.id, one.confidence) for one in found if one.weakness] == [("one-key", "likely")]


def test_a_key_that_somebody_between_passes_on_is_not_one_key_for_all() -> None:
    here, there = ({"a": ("192.168.1.20", 5060), "b": (f"203.0.113.{host}", 5060)} for host in (9, 10))
    passed = [flow(["sip"], key(5, fingerprint=7, forth=True), **end) for end in (here, there)]
    assert "one-key" not in ids(scan(*passed))


def test_keys_of_zrtp_are_a_sign_of_end_to_end_encryption() -> None:
    assert "no-end-to-end-seen" not in ids(scan(media(stream(7), seen("encapsulation", 4, name="zrtp"))))


WITH = {"codec-readable": {"media-in-clear"}, "one-key": {"keys-in-clear"}}


@pytest.mark.parametrize("id_", CASES)
def test_nothing_else_is_called_weak(id_: str) -> None:
    assert weak(scan(*CASES[id_])) - WITH.get(id_, set()) == {id_}


def test_a_clean_call_has_no_weakness_and_ends_well() -> None:
    report = scan(media(), web("meet.example", certificate(6))).report()
    assert [finding.id for finding in report.findings if finding.weakness] == []
    assert report.clean


def test_no_sign_of_end_to_end_encryption_is_a_note_and_no_weakness() -> None:
    report = scan(media()).report()
    assert [(finding.id, finding.weakness) for finding in report.findings] == [("no-end-to-end-seen", False)]
    assert report.clean


def test_a_second_layer_that_was_seen_is_not_called_missing() -> None:
    assert ids(scan(media(stream(9), seen("sframe", 9, ssrc=1, forth=True, key_ids=[3])))) == set()


def test_a_capture_without_media_says_that_it_shows_no_call() -> None:
    assert ids(scan(web())) == {"no-media-seen"}
    assert ids(scan()) == {"no-media-seen"}


def test_a_short_tag_that_is_told_by_length_is_only_likely() -> None:
    findings = scan(flow(["srtp"], stream(9, tag=4))).report().findings
    assert [(one.id, one.confidence) for one in findings if one.weakness] == [("short-tag", "likely")]


def announced(**fields: Any) -> dict[str, Any]:
    said = {"media": "audio", "address": "203.0.113.7", "port": 3478, "transport": "RTP/AVP", "fingerprint": False}
    return seen("sdp_media", 5, **(said | fields))


def test_media_that_a_description_announces_as_plain_is_in_clear() -> None:
    unknown = flow(["rtp"], stream(7, payload="unknown"))
    found = scan(unknown, flow(["sip"], announced(), **SIP)).report().findings
    assert [(one.id, one.confidence) for one in found if one.weakness] == [("media-in-clear", "certain")]
    assert {5, 7} <= set(found[0].packets)


@pytest.mark.parametrize(
    "fields", [{"transport": "RTP/SAVP"}, {"fingerprint": True}, {"port": 9}, {"address": "203.0.113.99"}]
)
def test_what_is_announced_otherwise_or_elsewhere_is_not_called_clear(fields: dict[str, Any]) -> None:
    unknown = flow(["rtp"], stream(7, payload="unknown"))
    assert weak(scan(unknown, flow(["sip"], announced(**fields), **SIP))) == set()
    assert weak(scan(media(), flow(["sip"], announced(), **SIP))) == set()


def test_few_readable_packets_are_only_likely() -> None:
    findings = scan(flow(["rtp"], stream(9, payload="readable", codec="VP8", sent=12))).report().findings
    assert {one.confidence for one in findings if one.weakness} == {"likely"}


@pytest.mark.parametrize(
    ("fields", "is_weak"),
    [
        ({"key": "rsa", "bits": 2048}, False),
        ({"key": "rsa", "bits": 1024}, True),
        ({"key": "ec", "bits": 192}, True),
        ({"key": "ed25519", "bits": 256}, False),
        ({"signature": "sha1WithRSAEncryption"}, True),
        ({"signature": "ecdsa-with-SHA1"}, True),
        ({"signature": "md5WithRSAEncryption"}, True),
        ({"signature": "sha256WithRSAEncryption"}, False),
        ({"signature": "sha1WithRSAEncryption", "self_signed": True, "position": 2}, False),
        ({"not_after": 1}, True),
        ({"not_before": 1 << 40, "not_after": 1 << 41}, True),
        ({"not_after": 1, "carrier": "dtls"}, False),
        ({"bits": 0, "key": "other"}, False),
    ],
)
def test_a_certificate_is_weak_by_key_signature_or_dates(fields: dict[str, Any], is_weak: bool) -> None:
    assert ("weak-certificate" in ids(scan(media(), web("meet.example", certificate(6, **fields))))) == is_weak


@pytest.mark.parametrize("version", [0x0303, 0x0304])
def test_tls_of_today_is_not_called_old(version: int) -> None:
    assert weak(scan(media(), web("meet.example", server_hello(4, carrier="tls", version=version)))) == set()


def test_an_old_version_that_was_only_offered_does_not_count() -> None:
    offered = {**client_hello("meet.example", 2), "versions": [0x0301]}
    assert weak(scan(media(), flow(["tls"], offered, transport="tcp", b=("203.0.113.8", 443)))) == set()


def test_a_name_of_the_calls_own_site_is_no_third_party() -> None:
    asked = seen("dns_answer", 1, name="sfu.meet.example", addresses=["203.0.113.7"])
    dns = flow(["dns"], asked, b=("192.168.1.1", 53), packets=1)
    assert weak(scan(dns, media(), web("www.meet.example"), web("meet.example"))) == set()


def test_without_media_the_site_of_most_connections_is_taken_for_the_calls() -> None:
    other = web("tracker.example.net", b=("198.51.100.9", 443))
    found = scan(other, web("www.meet.example"), web("signal.meet.example")).report().findings
    assert [(one.id, one.confidence) for one in found if one.weakness] == [("third-party", "possible")]
    assert "tracker.example.net" in found[0].text
    assert "third-party" not in ids(scan(web("www.meet.example"), web("signal.meet.example")))


def test_who_is_contacted_just_when_the_call_is_over_is_a_third_party() -> None:
    assert "third-party" in ids(scan(media(), web(), web("tracker.example.net", b=("198.51.100.9", 443), begin=63)))
    assert "third-party" not in ids(scan(media(), web(), web("news.example.org", b=("198.51.100.9", 443), begin=90)))


def test_what_is_over_before_the_call_is_no_third_party() -> None:
    early = web("news.example.org", b=("198.51.100.9", 443), begin=-300, end=-200)
    assert "third-party" not in ids(scan(early, media(), web()))


def test_every_finding_is_of_the_catalogue_and_takes_its_severity_from_there() -> None:
    for flows in CASES.values():
        for finding in scan(*flows).report().findings:
            kind = catalogue()[finding.id]
            assert (finding.title, finding.severity, finding.weakness) == (kind.title, kind.severity, kind.weakness)
