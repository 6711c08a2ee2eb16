"""Each observation of a flow in words. What is quoted of the capture stands as it is: whoever shows it escapes it.
Not here: what an observation means."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ringfence.audit import registered
from ringfence.audit.flows import Flow, Observation

PROTOCOLS = {
    "dns": "DNS",
    "http": "HTTP",
    "web_socket": "WebSocket",
    "sip": "SIP",
    "tls": "TLS",
    "quic": "QUIC",
    "stun": "STUN",
    "turn": "TURN",
    "dtls": "DTLS",
    "rtp": "RTP",
    "srtp": "SRTP",
    "rtcp": "RTCP",
    "srtcp": "SRTCP",
    "zoom": "Zoom",
    "unknown": "unknown",
}
METHODS = {
    0x001: "Binding",
    0x003: "Allocate",
    0x004: "Refresh",
    0x006: "Send",
    0x007: "Data",
    0x008: "CreatePermission",
}
METHODS |= {0x009: "ChannelBind", 0x00A: "Connect", 0x00B: "ConnectionBind", 0x00C: "ConnectionAttempt"}
CLASSES = ("request", "indication", "answer", "error")


def protocols(flow: Flow) -> list[str]:
    """In the words of their standards; of what was not recognised, the transport."""
    return [PROTOCOLS.get(one, one) for one in flow.protocols if one != "unknown"]


def words(seen: Observation) -> str:
    """One line for a person."""
    said = SAYS.get(seen.kind)
    if said is not None:
        return said(seen)
    rest = ", ".join(f"{name} {value}" for name, value in seen.fields.items() if value is not None)
    return f"{seen.kind.replace('_', ' ')}: {rest}" if rest else seen.kind.replace("_", " ")


def _carrier(seen: Observation) -> str:
    return str(seen.get("carrier", "")).upper()


def _optional(before: str, value: Any) -> str:
    return f"{before}{value}" if value not in (None, "", []) else ""


def _stun(seen: Observation) -> str:
    method = METHODS.get(seen.get("method"), f"method {seen.get('method')}")
    class_ = CLASSES[seen.get("class")] if seen.get("class") in range(4) else ""
    dialect = seen.get("dialect")
    own = "" if dialect in (None, "standard", "webrtc") else f", in the dialect of {dialect}"
    software = _optional(", software ", seen.get("software"))
    check = " (does media come through here?)" if seen.get("check") else ""
    return f"STUN {method} {class_}{check}{own}{software}{_optional(', realm ', seen.get('realm'))}"


def _client_hello(seen: Observation) -> str:
    versions = ", ".join(registered.version(int(one)) for one in seen.get("versions", ()))
    profiles = ", ".join(registered.profile(int(one)) for one in seen.get("srtp_profiles", ()))
    alpn = ", ".join(str(one) for one in seen.get("alpn", ()))
    hidden = "; a further name is encrypted" if seen.get("encrypted_hello") else ""
    name = _optional(" for ", seen.get("server_name"))
    offers = f"{_optional('; offers ', versions)}{_optional('; ALPN ', alpn)}{_optional('; SRTP ', profiles)}"
    return f"{_carrier(seen)} ClientHello{name}{hidden}{offers}"


def _server_hello(seen: Observation) -> str:
    chosen = [registered.version(int(seen.get("version", 0))), registered.cipher(int(seen.get("cipher", 0)))]
    if seen.get("alpn"):
        chosen.append(f"ALPN {seen.get('alpn')}")
    if seen.get("srtp_profile") is not None:
        chosen.append(registered.profile(int(seen.get("srtp_profile"))))
    return f"{_carrier(seen)} ServerHello: {', '.join(chosen)}"


def _certificate(seen: Observation) -> str:
    begins, ends = (day(int(seen.get(name, 0))) for name in ("not_before", "not_after"))
    key = f"{str(seen.get('key')).upper()} {seen.get('bits')} bits"
    own = ", self-signed" if seen.get("self_signed") else f", issued by {seen.get('issuer')}"
    subject = seen.get("subject") or "nobody named"
    return f"certificate of {subject}{own}; {key}, {seen.get('signature')}; {begins} to {ends}"


def day(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"


def _stream(seen: Observation) -> str:
    kinds = {"readable": "readable", "sealed": "not to be told from random bytes", "unknown": "too little to tell"}
    payload = kinds.get(str(seen.get("payload")), "unknown")
    lost = f", {seen.get('lost'):,} lost" if seen.get("lost") else ""
    types = ", ".join(str(one) for one in seen.get("payload_types", ()))
    codec = _optional(", codec ", seen.get("codec"))
    entropy = seen.get("entropy")
    spread = f", {entropy / 1000:.2f} bits a byte" if entropy is not None else ""
    tag = f", tag of {seen.get('tag')} bytes" if seen.get("tag") is not None else ""
    source = f"media {seen.get('ssrc', 0):#010x}{_optional(', types ', types)}"
    return f"{source}: {seen.get('sent', 0):,} packets{lost}; payload {payload}{codec}{spread}{tag}"


def _blocks(seen: Observation) -> str:
    again, all_ = seen.get("repeated", 0), seen.get("blocks", 0)
    return f"{again:,} of {all_:,} blocks of 16 bytes come again, past a header of {seen.get('header', 0)} bytes"


def _rtcp(seen: Observation) -> str:
    state = "readable" if seen.get("readable") else "encrypted"
    return f"RTCP, {state}, of {seen.get('ssrc', 0):#010x}{_optional(', called ', seen.get('cname'))}"


def _socket(seen: Observation) -> str:
    state = "readable" if seen.get("frames_readable") else "compressed or encrypted"
    return f"WebSocket {seen.get('host') or ''}{seen.get('path') or ''}, {state}"


def _answer(seen: Observation) -> str:
    return f"DNS: {seen.get('name')} is at {', '.join(str(one) for one in seen.get('addresses', ())) or 'no address'}"


def _sdp(seen: Observation) -> str:
    at = f"{seen.get('address') or 'an address not said'} port {seen.get('port')}"
    how = ", with a fingerprint" if seen.get("fingerprint") else ""
    return f"SDP: {seen.get('media')} at {at}, {seen.get('transport')}{how}"


def _http(seen: Observation) -> str:
    return f"HTTP {seen.get('method')} {seen.get('host') or ''}{seen.get('path') or ''}"


SAYS: dict[str, Callable[[Observation], str]] = {
    "carries": lambda seen: PROTOCOLS.get(str(seen.get("protocol")), str(seen.get("protocol"))),
    "stun": _stun,
    "mapped": lambda seen: f"STUN: the server sees its client at {seen.get('address')}",
    "relayed": lambda seen: f"TURN: the server relays from {seen.get('address')}",
    "relay_peer": lambda seen: f"TURN: packets are passed to {seen.get('address')}",
    "client_hello": _client_hello,
    "server_hello": _server_hello,
    "certificate": _certificate,
    "quic": lambda seen: registered.quic(int(seen.get("version", 0))),
    "media_stream": _stream,
    "repeated_blocks": _blocks,
    "rtcp": _rtcp,
    "shared_blocks": lambda seen: f"{seen.get('blocks', 0):,} encrypted blocks are equal in two sources",
    "sframe": lambda seen: f"SFrame, keys {', '.join(str(one) for one in seen.get('key_ids', ()))}",
    "http_request": _http,
    "http_response": lambda seen: f"HTTP answer {seen.get('status')}{_optional(', server ', seen.get('server'))}",
    "web_socket": _socket,
    "dns_query": lambda seen: f"DNS: asked for {seen.get('name')}",
    "dns_answer": _answer,
    "sip": lambda seen: f"SIP {seen.get('method')}{_optional(' to ', seen.get('to'))}",
    "sdp_media": _sdp,
    "key_in_clear": lambda seen: (
        f"a key that can be read, in {seen.get('place')}{_optional(', for ', seen.get('suite'))}"
    ),
    "encapsulation": lambda seen: f"wrapped as {seen.get('name')} does",
    "cut_short": lambda seen: "only counted from here on: the bounds of memory were reached",
}
