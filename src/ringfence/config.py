"""What an operator may set: on the command line, in RINGFENCE_*, or in ringfence.toml, in this order.
Not here: what the server does with it."""

import ipaddress
import os
import re
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ringfence.errors import Refusal
from ringfence.types import from_text

PAGES = Path(__file__).resolve().parents[2] / "web" / "dist"
# What they say about two addresses of a node each is as much as one greeting holds.
MOST_BEACONS = 8
MOST_MEASURED = 64
LOG_LEVELS = ("debug", "info", "warning", "error")
MEDIA_PATHS = ("fast", "reference")


@dataclass(frozen=True)
class Option:
    """One option, under its name on the command line (`--public-url`, RINGFENCE_PUBLIC_URL, public_url)."""

    name: str
    kind: type
    default: str
    help: str

    @property
    def field(self) -> str:
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        return f"RINGFENCE_{self.field.upper()}"


OPTIONS = (
    Option("host", str, "127.0.0.1", "the address to listen on; 0.0.0.0 is every IPv4 address"),
    Option("port", int, "8000", "the TCP port to listen on; 0 is any free one"),
    Option("data", str, "data", "the folder of the database and the keys"),
    Option("public-url", str, "http(s)://HOST:PORT", "the address that people open"),
    Option("tls-cert", str, "none", "certificate chain (PEM)"),
    Option("tls-key", str, "none", "its private key (PEM)"),
    Option("tls-local", bool, "no", "makes a certificate authority of its own, for a local network"),
    Option("media-address", str, "an address of HOST", "the IP address that media is sent to"),
    Option("media-port", int, "the same number as --port", "the UDP port of media; 0: any free one"),
    Option("media-path", str, "fast", "how media leaves: fast, or reference, the slower one that fast is held against"),
    Option("bench-ingest", bool, "no", "takes media that is not sealed from load generators on this machine"),
    Option("beacons", list, "none", "addresses of the servers that measure this one (https://…), with commas between"),
    Option("beacon-for", list, "none", "keys of the nodes that this server measures, with commas between"),
    Option("log-level", str, "info", "debug, info, warning or error; names are in none of them"),
)


@dataclass(frozen=True)
class Parent:
    name: str
    law: tuple[str, ...]


@dataclass(frozen=True)
class Operator:
    """Who runs the node: signed as the operator's own word."""

    id: str
    name: str
    law: tuple[str, ...]
    parents: tuple[Parent, ...]


@dataclass(frozen=True)
class Node:
    """Where the node is; `country` None: the operator does not say."""

    name: str
    country: str | None
    place: str | None
    lat: float | None
    """Degrees north and east: both, or neither."""
    lon: float | None


@dataclass(frozen=True)
class Measured:
    """A node that this server measures when it asks."""

    node: bytes
    private: str | None
    """An address of a local network, which is measured only because the operator wrote it down."""


@dataclass(frozen=True)
class Config:
    host: str
    port: int
    data: Path
    public_url: str | None
    tls_cert: Path | None
    tls_key: Path | None
    tls_local: bool
    media_address: str
    media_port: int | None
    media_path: str
    bench_ingest: bool
    beacons: tuple[str, ...]
    """Origins, as browsers write them."""
    beacon_for: tuple[Measured, ...]
    log_level: str
    operator: Operator
    node: Node

    @property
    def scheme(self) -> str:
        return "https" if self.tls_cert or self.tls_local else "http"

    def url(self, port: int) -> str:
        """The address that people open, for the port that the system gave."""
        return self.public_url or self._origin(self._name_of_host(), port)

    def origins(self, port: int) -> frozenset[str]:
        """The origins of this server's own pages."""
        if self.public_url:
            return frozenset({self.public_url})
        names = {self._name_of_host(), "localhost", "127.0.0.1", "[::1]"}
        if self.tls_local:
            names |= {bracketed(name) for name in self.names()}
        return frozenset(self._origin(name, port) for name in names)

    def _origin(self, name: str, port: int) -> str:
        return f"{self.scheme}://{name}{_port_of_origin(self.scheme, port)}"

    def names(self) -> tuple[str, ...]:
        """Under which this machine is found: its name, also by multicast DNS (RFC 6762), and its addresses."""
        host = socket.gethostname().split(".")[0].lower()
        found = {"localhost", host, f"{host}.local", "127.0.0.1", "::1", self.media_address}
        return tuple(sorted(found | {a for a in map(_routed, (socket.AF_INET, socket.AF_INET6)) if a}))

    def _name_of_host(self) -> str:
        if self.host in ("127.0.0.1", "::1", "localhost"):
            return "localhost"
        if self.host in ("0.0.0.0", "::"):
            return bracketed(self.media_address)
        return bracketed(self.host)


def _port_of_origin(scheme: str, port: int | None) -> str:
    """As a browser writes it in Origin (RFC 6454 section 6.2): the scheme's own port is left out."""
    return "" if port in (None, {"http": 80, "https": 443}[scheme]) else f":{port}"


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def load(given: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> Config:
    """Raises RF5001 for a value or a name that cannot be used."""
    values: dict[str, Any] = {o.field: given[o.field] for o in OPTIONS if given.get(o.field) is not None}
    for option in OPTIONS:
        if option.variable in environment and option.field not in values:
            values[option.field] = _read(option, environment[option.variable], option.variable)
    data = Path(values.get("data", "data")).absolute()
    written = _read_file(data / "ringfence.toml")
    operator, node = written.pop("operator", {}), written.pop("node", {})
    for option in OPTIONS:
        if option.field in written:
            value = _read(option, written.pop(option.field), f"ringfence.toml: {option.field}")
            values.setdefault(option.field, value)
    _nothing_left(written, "")
    return _checked(values, data, operator, node)


def _checked(values: dict[str, Any], data: Path, operator: Any, node: Any) -> Config:
    local = bool(values.get("tls_local", False))
    host = _canonical(values.get("host", "0.0.0.0" if local else "127.0.0.1"))
    public_url = _origin(values["public_url"], "public-url") if "public_url" in values else None
    cert, key = values.get("tls_cert"), values.get("tls_key")
    if bool(cert) != bool(key):
        raise Refusal("RF5005", "--tls-cert and --tls-key are given together or not at all")
    if local and (cert or public_url):
        raise Refusal("RF5001", "tls-local: not together with --tls-cert or --public-url")
    log_level = values.get("log_level", "info")
    if log_level not in LOG_LEVELS:
        raise Refusal("RF5001", f"log-level: `{log_level}` is none of {', '.join(LOG_LEVELS)}")
    media_path = values.get("media_path", "fast")
    if media_path not in MEDIA_PATHS:
        raise Refusal("RF5001", f"media-path: `{media_path}` is none of {', '.join(MEDIA_PATHS)}")
    name = urlsplit(public_url).hostname if public_url else None
    media_address = _address(values.get("media_address") or _address_of(host))
    bench_ingest = bool(values.get("bench_ingest", False))
    if bench_ingest:
        _only_here({"host": host, "media-address": media_address, "public-url": name})
    return Config(
        host=host,
        port=_port(values.get("port", 8000), "port"),
        data=data,
        public_url=public_url,
        tls_cert=Path(cert) if cert else None,
        tls_key=Path(key) if key else None,
        tls_local=local,
        media_address=media_address,
        media_port=_port(values["media_port"], "media-port") if "media_port" in values else None,
        media_path=media_path,
        bench_ingest=bench_ingest,
        beacons=tuple(dict.fromkeys(map(beacon, _few(values.get("beacons", ()), "beacons", MOST_BEACONS)))),
        beacon_for=tuple(map(_measured, _few(values.get("beacon_for", ()), "beacon-for", MOST_MEASURED))),
        log_level=log_level,
        operator=_operator(operator, name or "localhost"),
        node=_node(node, name or "localhost"),
    )


def _read_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal("RF5001", f"ringfence.toml: {error}") from None


def _read(option: Option, value: Any, where: str) -> Any:
    try:
        if option.kind is bool:
            return value if isinstance(value, bool) else {"yes": True, "no": False}[value]
        if option.kind is int and not isinstance(value, bool):
            return int(value)
        if option.kind is list:
            return listed(value)
        if isinstance(value, str):
            return value
    except (AttributeError, KeyError, TypeError, ValueError):
        pass
    kind = {int: "a number", bool: "yes or no", list: "a list of text"}.get(option.kind, "text")
    raise Refusal("RF5001", f"{where}: `{value}` is not {kind}")


def listed(value: str | list[str]) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    return tuple(word.strip() for word in words if word.strip())


def _nothing_left(table: Mapping[str, Any], prefix: str) -> None:
    if table:
        raise Refusal("RF5001", f"ringfence.toml: `{prefix}{next(iter(table))}` is not an option")


def _port(port: int, name: str) -> int:
    if not 0 <= port <= 65535:
        raise Refusal("RF5001", f"{name}: {port} is not between 0 and 65535")
    return port


def _origin(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refusal("RF5001", f"{name}: `{url}` is not like https://meet.example.org") from None
    plain = parts.path in ("", "/") and not parts.query and not parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or parts.username:
        raise Refusal("RF5001", f"{name}: `{url}` is not like https://meet.example.org")
    return f"{parts.scheme}://{bracketed(parts.hostname)}{_port_of_origin(parts.scheme, port)}"


def beacon(url: str) -> str:
    """Its origin. Raises RF5001: in the open one asks over TLS, so that nobody in between answers in its place."""
    origin = _origin(url, "beacons")
    parts = urlsplit(origin)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise Refusal("RF5001", f"beacons: `{url}` has to begin with https://")
    return origin


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _only_here(reached: Mapping[str, str | None]) -> None:
    """What is not sealed does not leave this machine. Raises RF5014."""
    for option, host in reached.items():
        if host is not None and not _is_loopback(host):
            raise Refusal("RF5014", f"--{option} {host}")


def _few(words: tuple[str, ...], name: str, most: int) -> tuple[str, ...]:
    if len(words) > most:
        raise Refusal("RF5001", f"{name}: more than {most}")
    return words


def _measured(text: str) -> Measured:
    """A node's key, or `KEY@ADDRESS`."""
    written, _, address = text.partition("@")
    try:
        key = from_text(written)
        private = str(ipaddress.ip_address(address)) if address else None
    except ValueError:
        key, private = b"", None
    if len(key) != 32:
        raise Refusal("RF5001", f"beacon-for: `{text}` is not the key of a node, or KEY@ADDRESS")
    return Measured(key, private)


def _address(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Refusal("RF5001", f"media-address: `{text}` is not an IP address") from None
    if address.is_unspecified or address.is_multicast:
        raise Refusal("RF5001", f"media-address: nothing can be sent to {text}")
    return str(address)


def _canonical(host: str) -> str:
    """As a browser writes it."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower()


def _address_of(host: str) -> str:
    """Where clients reach `host`, for media."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise Refusal("RF5001", f"host: `{host}` is not an IP address; give --media-address") from None
    if not address.is_unspecified:
        return host
    if address.version == 4:
        return _routed(socket.AF_INET) or "127.0.0.1"
    return _routed(socket.AF_INET6) or "::1"


def _routed(kind: socket.AddressFamily) -> str | None:
    """Our own address on the route to one of the documentation (RFC 5737, 3849); nothing is sent."""
    with socket.socket(kind, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1" if kind == socket.AF_INET else "2001:db8::1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return None


def _texts(table: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = table.pop(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refusal("RF5001", f"ringfence.toml: `{where}{key}` is not a list of text")
    return tuple(value)


def _text(table: dict[str, Any], key: str, where: str, longest: int = 120) -> str | None:
    value = table.pop(key, None)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value.strip()) <= longest:
        raise Refusal("RF5001", f"ringfence.toml: `{where}{key}` is not text of 1 to {longest} letters")
    return value.strip()


def _table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refusal("RF5001", f"ringfence.toml: `{where}` is not a table")
    return dict(value)


def _operator(value: Any, otherwise: str) -> Operator:
    table = _table(value, "operator")
    id_ = _text(table, "id", "operator.", 64) or otherwise
    parents = table.pop("parents", [])
    if not isinstance(parents, list):
        raise Refusal("RF5001", "ringfence.toml: `operator.parents` is not a list of tables")
    operator = Operator(
        id=id_,
        name=_text(table, "name", "operator.") or id_,
        law=_countries(_texts(table, "law", "operator."), "operator.law"),
        parents=tuple(_parent(parent) for parent in parents),
    )
    _nothing_left(table, "operator.")
    return operator


def _parent(value: Any) -> Parent:
    table = _table(value, "operator.parents")
    name = _text(table, "name", "operator.parents.")
    if name is None:
        raise Refusal("RF5001", "ringfence.toml: a parent has no name")
    law = _countries(_texts(table, "law", "operator.parents."), "operator.parents.law")
    _nothing_left(table, "operator.parents.")
    return Parent(name, law)


def _node(value: Any, otherwise: str) -> Node:
    table = _table(value, "node")
    country = _text(table, "country", "node.")
    node = Node(
        name=_text(table, "name", "node.", 64) or otherwise,
        country=_countries((country,), "node.country")[0] if country else None,
        place=_text(table, "place", "node."),
        lat=_degrees(table, "lat", 90),
        lon=_degrees(table, "lon", 180),
    )
    if (node.lat is None) != (node.lon is None):
        raise Refusal("RF5001", "ringfence.toml: one of `node.lat` and `node.lon` is missing")
    _nothing_left(table, "node.")
    return node


def _degrees(table: dict[str, Any], key: str, most: int) -> float | None:
    value = table.pop(key, None)
    if value is None:
        return None
    # A truth value is a number to Python.
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        raise Refusal("RF5001", f"ringfence.toml: `node.{key}` is not a number of degrees from -{most} to {most}")
    return float(value)


def _countries(codes: tuple[str, ...], where: str) -> tuple[str, ...]:
    for code in codes:
        if not re.fullmatch("[A-Z]{2}", code):
            raise Refusal("RF5001", f"ringfence.toml: `{where}` wants ISO 3166-1 codes such as CA")
    return codes
