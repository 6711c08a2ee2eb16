"""Flows as the core's scan gives them, made by hand.
Not here: captures, which only the scan reads."""

from types import SimpleNamespace
from typing import Any

from ringfence.audit import Audit, Scan

ME = "192.168.1.20"
SERVER = "203.0.113.7"
WEB = "203.0.113.8"
START = 1_764_000_000 * 10**9
SECOND = 10**9


def seen(kind: str, *packets: int, at: int = 0, **fields: Any) -> dict[str, Any]:
    """One observation, `at` seconds after the start."""
    numbers = list(packets) or [1]
    when = START + at * SECOND
    return {"kind": kind, **fields, "count": len(numbers), "first_ns": when, "last_ns": when, "packets": numbers}


def carries(*protocols: str) -> list[dict[str, Any]]:
    return [seen("carries", protocol=protocol) for protocol in protocols]


def totals(packets: int, size: int) -> dict[str, int]:
    return {"packets": packets, "bytes": size, "payload": size - 42 * packets, "cut": 0}


def flow(
    protocols: list[str],
    *observations: dict[str, Any],
    a: tuple[str, int] = (ME, 50000),
    b: tuple[str, int] = (SERVER, 3478),
    transport: str = "udp",
    begin: int = 0,
    end: int = 60,
    packets: int = 3000,
    opened: bool = True,
) -> SimpleNamespace:
    tcp = {"opened": opened, "closed": True, "missing": 0, "again": 0} if transport == "tcp" else None
    return SimpleNamespace(
        transport=transport,
        ip_protocol=6 if transport == "tcp" else 17,
        a=a,
        b=b,
        first_ns=START + begin * SECOND,
        last_ns=START + end * SECOND,
        first_packet=1,
        forth=totals(packets, packets * 500),
        back=totals(packets, packets * 700),
        tcp=tcp,
        protocols=protocols,
        observations=[*carries(*protocols), *observations],
        dropped=0,
    )


def scan(*flows: SimpleNamespace, **counts: Any) -> Audit:
    packets = sum(one.forth["packets"] + one.back["packets"] for one in flows)
    first = min((one.first_ns for one in flows), default=None)
    last = max((one.last_ns for one in flows), default=None)
    made = {"packets": packets, "bytes": packets * 600, "first_ns": first, "last_ns": last, **counts}
    interfaces = [{"link": "ethernet", "number": 1, "snaplen": 65535, "name": None}]
    core = SimpleNamespace(flows=list(flows), counts=made, format="pcap", compressed=False, interfaces=interfaces)
    return Audit(Scan.of("call.pcap", core))


def stream(*packets: int, **fields: Any) -> dict[str, Any]:
    """Media that cannot be told from random bytes, but for what is said otherwise."""
    said = {
        "ssrc": 0x1234,
        "payload_types": [111],
        "forth": True,
        "sent": 1500,
        "lost": 0,
        "bytes": 200_000,
        "payload": "sealed",
        "codec": None,
        "entropy": 7990,
        "header": 0,
        "tag": None,
    }
    return seen("media_stream", *packets, **(said | fields))


def server_hello(*packets: int, carrier: str = "dtls", version: int = 0xFEFD, **fields: Any) -> dict[str, Any]:
    said = {"cipher": 0xC02B, "alpn": None, "srtp_profile": 7 if carrier == "dtls" else None} | fields
    return seen("server_hello", *packets, carrier=carrier, version=version, **said)


def client_hello(name: str | None, *packets: int, carrier: str = "tls", **fields: Any) -> dict[str, Any]:
    said = {"versions": [0x0304, 0x0303], "alpn": ["h2"], "srtp_profiles": [], "encrypted_hello": False} | fields
    return seen("client_hello", *packets, carrier=carrier, server_name=name, **said)


def certificate(*packets: int, **fields: Any) -> dict[str, Any]:
    said = {
        "carrier": "tls",
        "position": 0,
        "subject": "CN=meet.example",
        "issuer": "CN=Example CA",
        "names": ["meet.example"],
        "key": "ec",
        "bits": 256,
        "signature": "ecdsa-with-SHA256",
        "not_before": START // SECOND - 86_400,
        "not_after": START // SECOND + 86_400,
        "self_signed": False,
    }
    return seen("certificate", *packets, **(said | fields))


def media(*observations: dict[str, Any], **options: Any) -> SimpleNamespace:
    """A call over DTLS-SRTP with one server, clean but for what is added."""
    return flow(["stun", "dtls", "srtp"], server_hello(3), *(observations or [stream(10)]), **options)


def web(name: str = "meet.example", *observations: dict[str, Any], **options: Any) -> SimpleNamespace:
    hello = [client_hello(name, 2), server_hello(4, carrier="tls", version=0x0304, cipher=0x1301)]
    there = {"a": (ME, 40000), "b": (WEB, 443), "transport": "tcp", "packets": 100} | options
    return flow(["tls"], *hello, *observations, **there)
