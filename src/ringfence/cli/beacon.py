"""`ringfence beacon`: tries whether a server measures this one, and what its word would prove.
Not here: measuring (the beacon does it), or deciding (core/fence)."""

import argparse
import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ringfence._core import documents, fence
from ringfence.beacons import asking, transcripts
from ringfence.beacons.exchange import exchange
from ringfence.beacons.transcripts import Answer, Transcript, asker
from ringfence.cli import words
from ringfence.config import Config, beacon, load
from ringfence.errors import Refusal
from ringfence.store import files
from ringfence.types import to_text
from ringfence.wire import http as wire

LONGEST = 1 << 20
# Of what a server that runs says of itself, and how long it is waited for.
MOST_SAID = 8 << 20
SECONDS = 5.0
POLICY = 'name = "Proven"\nversion = 1\n[allow]\ncountries = [{}]\nlaw = ["*"]\n[evidence]\nminimum = "proven"\n'


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "Servers that measure this one."
    group = commands.add_parser("beacon", help="servers that measure this one", description=about)
    jobs = group.add_subparsers(dest="job", metavar="JOB", required=True)
    try_ = words.job(jobs, "try", _try, "asks a beacon once, and says what it measured and what that would prove")
    try_.add_argument("url", metavar="URL", help="the beacon's address, such as https://meet.example.org")
    try_.add_argument("--port", type=int, help="the UDP port of media (default: as the server has it)")
    try_.add_argument("--data", default="data", type=Path, help="the data folder (default: data)")


def _try(arguments: argparse.Namespace) -> int:
    data = arguments.data.absolute()
    config, url = load({"data": data}), beacon(arguments.url)
    port = arguments.port or (config.port if config.media_port is None else config.media_port)
    if not 0 < port <= 65535:
        raise Refusal("RF5001", "--port: the server takes any free port for media; say which one it has now")
    statement = words.read(str(data / files.STATEMENT), LONGEST)
    answer = asyncio.run(asking.ask(url, asker(statement, port), time.time))
    says = json.loads(documents.stated(statement))
    proofs = [_decide(says, one) for one in answer.transcripts]
    if arguments.format == "json":
        words.show({"beacon": _said(answer), "measured": [_measured(*pair) for pair in _pairs(answer, proofs)]})
    else:
        _tell(answer, says, proofs)
    return 0 if all(decision["standing"] == "proven" for decision in proofs) else 1


def _decide(says: dict[str, Any], one: Transcript) -> dict[str, Any]:
    """The fence's own decision, if data sets agreed with the operator about every address: so what there is besides is
    what the beacon's word comes to."""
    country, address = says["country"], one.address
    day = time.strftime("%Y-%m-%d", time.gmtime())
    agreed: list[dict[str, Any]] = [
        {"kind": kind, "name": "supposed", "date": day, "address": each, "country": country}
        for kind in ("registry", "geoip")
        for each in says["addresses"]
        if country is not None
    ]
    beacon = {
        "kind": "beacon",
        "observer": to_text(one.beacon),
        "lat": one.lat,
        "lon": one.lon,
        "min_ms": one.least_us / 1000,
        "samples": one.samples,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(one.at)),
        "address": address,
    }
    decided: dict[str, Any] = json.loads(
        fence.decide(
            fence.parse_policy(POLICY.format("" if country is None else f'"{country}"')),
            json.dumps(says).encode(),
            evidence=json.dumps({"sources": [*agreed, beacon]}),
            trust=None,
            role="media",
            address=address,
            at=max(words.now(), one.at),
        )
    )
    return decided


def _pairs(answer: Answer, proofs: list[dict[str, Any]]) -> list[tuple[Transcript, dict[str, Any]]]:
    return list(zip(answer.transcripts, proofs, strict=True))


def _said(answer: Answer) -> dict[str, Any]:
    first = answer.transcripts[0]
    return {
        "key": to_text(answer.beacon),
        "name": first.name,
        "operator": answer.operator,
        "place": answer.place,
        "country": answer.country,
        "lat": first.lat,
        "lon": first.lon,
    }


def _measured(one: Transcript, decision: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": one.address,
        "port": one.port,
        "min_ms": one.least_us / 1000,
        "samples": one.samples,
        "km": one.km,
        "at": one.at,
        "standing": decision["standing"],
        "reasons": decision["reasons"],
    }


def _tell(answer: Answer, says: dict[str, Any], proofs: list[dict[str, Any]]) -> None:
    said = _said(answer)
    place = ", ".join(filter(None, (answer.place, answer.country))) or "place not said"
    print(words.printable(f"Beacon:     {said['name']} {said['key']}"))
    print(words.printable(f"Operator:   {answer.operator}"))
    print(words.printable(f"Place:      {place} ({said['lat']}, {said['lon']}), in its own words"))
    for one, decision in _pairs(answer, proofs):
        print(f"Round trip: {one.least_us / 1000:.2f} ms to {one.address} port {one.port}, the least of {one.samples}")
        print(f"Distance:   at most {one.km:.0f} km from the beacon")
        if decision["standing"] == "proven":
            words.say("", f"Once data sets agree, it proves {says['country']} to whoever takes this beacon's word.")
            continue
        what = says["country"] or "a country, since none is stated"
        words.say("", f"It does not prove {what}. With data sets that agree it would be {decision['standing']}.")
        for reason in decision["reasons"]:
            words.say(f"  {reason['code']}  ", f"{reason['rule']}: {reason['text']} ({reason['source']})")


def said(data: Path) -> list[str]:
    """For `ringfence node show`: what the server's beacons have said, if it runs; else how to ask them."""
    try:
        config = load({"data": data})
    except Refusal as refusal:
        return [words.printable(f"Beacons:   not known ({refusal.code}: {refusal.detail})")]
    if not config.beacons:
        return []
    try:
        answers = asyncio.run(_running(config))
    except Refusal as refusal:
        lines = [f"{url} (`ringfence beacon try {url}` asks it)" for url in config.beacons]
        lines.append(f"The server at {config.url(config.port)} did not say what they answered: {refusal.code}.")
    else:
        lines = [f"{url}: {answers.get(urlsplit(url).netloc, 'nothing that counts now')}" for url in config.beacons]
    return [words.printable(f"{'' if n else 'Beacons:':<10} {line}") for n, line in enumerate(lines)]


async def _running(config: Config) -> dict[str, str]:
    """What each beacon of the server that runs said last, by its host."""
    authority = config.data / "tls" / "ca.pem" if config.tls_local else None
    url = f"{config.url(config.port)}/api/v1/node"
    status, body = await exchange(url, longest=MOST_SAID, seconds=SECONDS, authority=authority)
    try:
        node = wire.Node.model_validate_json(body)
    except ValueError:
        raise Refusal("RF1312", f"HTTP status {status}") from None
    measured = [transcripts.read(document) for document in node.transcripts]
    return {word.host: "; ".join(_briefly(one) for one in measured if one.beacon == word.key) for word in node.beacons}


def _briefly(one: Transcript) -> str:
    at = datetime.fromtimestamp(one.at, UTC)
    return f"{one.name}, {one.least_us / 1000:.2f} ms to {one.address} at {at:%H:%M} UTC"
