"""Which device was captured, and what each server did in the call."""

from types import SimpleNamespace
from typing import Any

import pytest

from audit.made import ME, SERVER, client_hello, flow, media, scan, seen, stream, web
from ringfence.audit import Near, given
from ringfence.audit.names import site
from ringfence.audit.near import guess
from ringfence.errors import Refusal


def roles(*flows: SimpleNamespace) -> dict[str, list[str]]:
    return {server.address: list(server.roles) for server in scan(*flows).report().servers}


def test_the_device_is_the_one_that_talks_to_most() -> None:
    flows = list(scan(media(), web(), flow(["dns"], b=("192.168.1.1", 53))).flows())
    assert guess(flows) == Near(frozenset({ME}), False)


def test_whoever_is_said_to_be_the_device_is_it() -> None:
    near = given([SERVER, "2001:DB8::0001"])
    assert near == Near(frozenset({SERVER, "2001:db8::1"}), True)
    audit = scan(media())
    assert {row["near_address"] for row in audit.table(near)} == {SERVER}
    with pytest.raises(Refusal) as refused:
        given(["nobody"])
    assert refused.value.code == "RF5001"


def test_what_is_sent_and_got_is_seen_from_the_device_whoever_began() -> None:
    began_elsewhere = flow(["srtp"], stream(1), a=(SERVER, 3478), b=(ME, 50000), packets=10)
    row = scan(began_elsewhere, web()).table()[0]
    assert (row["near_address"], row["bytes_out"], row["bytes_in"]) == (ME, 7000, 5000)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (media(), ["keys", "media"]),
        (flow(["srtp"], stream(1)), ["media"]),
        (flow(["zoom"]), ["media"]),
        (flow(["turn", "dtls", "srtp"], stream(1)), ["keys", "media", "relay"]),
        (flow(["stun"]), ["relay"]),
        (flow(["sip"], seen("sip", 1, method="INVITE", to=None)), ["signalling"]),
        (flow(["sip"], seen("key_in_clear", 1, place="SDP", suite=None)), ["signalling", "keys"]),
        (flow(["web_socket"], transport="tcp"), ["signalling"]),
        (flow(["dns"]), ["other"]),
        (flow([]), ["other"]),
        (flow(["tls"], client_hello("a.example", 1), transport="tcp"), ["other"]),
        (flow(["tls"], client_hello("a.example", 1, alpn=["http/1.1", "stun.turn"]), transport="tcp"), ["relay"]),
    ],
)
def test_a_flow_has_the_roles_of_what_it_carries(made: SimpleNamespace, expected: list[str]) -> None:
    assert roles(made) == {SERVER: expected}


def test_a_closed_connection_to_the_calls_site_is_signalling_and_others_are_not() -> None:
    other = web("news.example.org", b=("198.51.100.9", 443), begin=58)
    found = roles(media(), web("meet.example"), other)
    assert found["203.0.113.8"] == ["signalling"]
    assert found["198.51.100.9"] == ["other"]


def test_what_is_opened_once_media_flows_did_not_set_the_call_up() -> None:
    """A backup of files, a film: open for longer than what the call was begun with."""
    backup = web("upload.keepsafe.example", b=("198.51.100.9", 443), begin=1, end=300)
    found = roles(web("meet.example", begin=-3, end=-1), media(begin=0, end=300), backup)
    assert found["203.0.113.8"] == ["signalling"]
    assert found["198.51.100.9"] == ["other"]
    # Of a call that went on before the capture nothing else is known.
    assert roles(media(begin=0, end=300), backup)["198.51.100.9"] == ["signalling"]


def test_a_connection_that_names_another_protocol_is_no_calls_signalling() -> None:
    names = flow(
        ["tls"],
        client_hello("dns.example.net", 1, alpn=["dot"]),
        b=("198.51.100.9", 853),
        transport="tcp",
        begin=-50,
        end=300,
    )
    found = roles(names, web("meet.example", begin=-3, end=2), media(begin=0, end=300))
    assert found["203.0.113.8"] == ["signalling"]
    assert found["198.51.100.9"] == ["other"]


def asks(check: bool) -> dict[str, Any]:
    return seen("stun", 1, method=1, check=check, dialect="standard", software=None, realm=None, **{"class": 0})


def test_whoever_was_only_asked_for_a_way_is_no_relay() -> None:
    """What is bundled is sent elsewhere (RFC 9143), or another way was better (RFC 8445)."""
    other = ("198.51.100.9", 40000)
    tried = flow(["stun"], asks(True), b=other)
    found = scan(media(), tried, flow(["stun"], asks(True), b=(SERVER, 3490))).report()
    assert {one.address: one.roles for one in found.servers} == {SERVER: ["keys", "media"], other[0]: ["media"]}
    assert [one.flows for one in found.findings if one.id == "no-end-to-end-seen"] == [[1]]
    assert "no-media-seen" in {one.id for one in scan(tried).report().findings}
    assert roles(media(), flow(["stun"], asks(False), b=other))[other[0]] == ["relay"]


def test_names_that_dns_gave_say_whose_the_call_is() -> None:
    asked = seen("dns_answer", 1, name="sfu7.calls.example", addresses=[SERVER])
    dns = flow(["dns"], asked, b=("192.168.1.1", 53), packets=1)
    long = web("www.example.org", b=("198.51.100.9", 443), begin=-50)
    short = web("api.calls.example", begin=10, end=20)
    found = roles(dns, media(), long, short)
    assert found["203.0.113.8"] == ["signalling"]
    assert found["198.51.100.9"] == ["other"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("meet.example.org", "example.org"),
        ("EXAMPLE.org.", "example.org"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("example", "example"),
        ("", ""),
        ("video.gov.bc.ca", "bc.ca"),
    ],
)
def test_a_site_is_what_somebody_registered(name: str, expected: str) -> None:
    assert site(name) == expected


def test_an_address_as_a_host_is_no_name() -> None:
    asked = flow(["http"], seen("http_request", 1, method="GET", host="203.0.113.7:80", path="/"), transport="tcp")
    assert scan(asked).table()[0]["name"] is None


def test_the_table_has_plain_values_only() -> None:
    for row in scan(media(), web()).table():
        assert all(isinstance(value, str | int | float | bool | None) for value in row.values())
