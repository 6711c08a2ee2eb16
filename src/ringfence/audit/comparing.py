"""A receipt beside the capture: what it declares, what the capture shows, and where they differ.
Not here: checking the receipt (core/receipt)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ringfence._core import receipt
from ringfence.audit import document
from ringfence.audit.document import Finding
from ringfence.audit.fencing import Stated, stated_of
from ringfence.audit.flows import Flow
from ringfence.audit.weaknesses import Scene
from ringfence.errors import Refusal, entry
from ringfence.types import from_text

# Clocks of one device and one receipt may differ by so much (ns).
CLOCKS = 5 * 10**9
# Less than so many packets from a server are no sound or picture.
MEDIA = 20
SECOND = 10**9


@dataclass(frozen=True)
class Declared:
    """A receipt that holds. Times are unix seconds."""

    file: str
    clean: bool
    codes: tuple[str, ...]
    begin: int
    made: int
    joined: int | None
    whole: bool
    sent: tuple[dict[str, Any], ...]
    stated: tuple[Stated, ...]

    @property
    def addresses(self) -> set[str]:
        """All that it names: of nodes, and where media went."""
        of_nodes = {address for one in self.stated for address in one.addresses}
        return of_nodes | {str(one["address"]) for one in self.sent}


def declared(name: str, content: bytes) -> Declared:
    """Reads and checks a receipt. Raises RF3310, RF3311."""
    try:
        report = json.loads(receipt.compare([content]))["receipts"][0]
        says = json.loads(receipt.contents(content))
    except Refusal as refusal:
        raise Refusal(refusal.code, f"{name}: {refusal.detail}") from None
    return Declared(
        file=name,
        clean=report["clean"],
        codes=tuple(finding["code"] for finding in report["findings"]),
        begin=says["from"],
        made=says["made"],
        joined=min(says["epochs"], default=None),
        whole=says["whole"],
        sent=tuple(says["sent"]),
        stated=tuple(stated_of(name, from_text(one)) for one in says["statements"]),
    )


def compared(scene: Scene, said: Declared) -> tuple[document.Receipt, list[Finding]]:
    """What differs, as findings, and all of it in sentences."""
    findings = [*_not_clean(scene, said), *_undeclared(scene, said), *_early(scene, said)]
    sentences = list(_sentences(scene, said))
    differs = [finding for finding in findings if finding.id != "receipt-not-clean"]
    if not _overlaps(scene, said):
        sentences.append("The capture and the receipt are not of the same time: they say nothing about each other.")
    elif not differs:
        sentences.append("Capture and receipt agree: no media went to or came from an address that it does not name.")
    agrees = _overlaps(scene, said) and not differs
    told = document.Receipt(file=said.file, clean=said.clean, agrees=agrees, sentences=sentences)
    return told, findings


def _overlaps(scene: Scene, said: Declared) -> bool:
    return any(_within(flow, said) for flow in scene.flows)


def _within(flow: Flow, said: Declared) -> bool:
    begin, end = said.begin * SECOND - CLOCKS, (said.made + 1) * SECOND + CLOCKS
    return flow.last_ns >= begin and flow.first_ns <= end


def _not_clean(scene: Scene, said: Declared) -> Iterator[Finding]:
    if not said.clean:
        words = "; ".join(f"{code}: {entry(code).title}" for code in dict.fromkeys(said.codes))
        yield scene.found("receipt-not-clean", "certain", words, [])


def _contacts(scene: Scene) -> Iterable[tuple[Flow, str]]:
    for flow in scene.flows:
        roles = scene.call.of(flow)
        if "media" in roles or "relay" in roles:
            yield flow, scene.near.ends(flow)[1].address


def _undeclared(scene: Scene, said: Declared) -> Iterator[Finding]:
    unnamed: dict[str, list[Flow]] = {}
    for flow, address in _contacts(scene):
        if _within(flow, said) and address not in said.addresses:
            unnamed.setdefault(address, []).append(flow)
    for address, flows in unnamed.items():
        roles = sorted({role for flow in flows for role in scene.call.of(flow)})
        size = sum(flow.bytes for flow in flows)
        text = f"{address} ({', '.join(roles)}; {size:,} bytes); the receipt names {_names(said.addresses)}"
        seen = [one for flow in flows for one in flow.observations]
        yield scene.found("undeclared-contact", "likely", text, flows, seen)


def _names(addresses: Iterable[str]) -> str:
    return ", ".join(sorted(addresses)) or "no address"


def _early(scene: Scene, said: Declared) -> Iterator[Finding]:
    """Media from a server before the participant was in the group."""
    admitted = said.made if said.joined is None else said.joined
    for flow in scene.flows:
        from_near = scene.near.ends(flow)[0] == flow.a
        early = [
            seen
            for seen in flow.all("media_stream")
            if bool(seen.get("forth")) != from_near
            and seen.get("sent", 0) >= MEDIA
            and seen.first_ns < admitted * SECOND - CLOCKS
            and _within(flow, said)
        ]
        if early:
            first = min(seen.first_ns for seen in early)
            text = f"from {scene.server(flow)} since {_time(first // SECOND)}; in the group since {_time(admitted)}"
            yield scene.found("media-before-admission", "likely", text, [flow], early)


def _sentences(scene: Scene, said: Declared) -> Iterator[str]:
    yield f"The receipt covers {_time(said.begin)} to {_time(said.made)} and names {_names(said.addresses)}."
    if not said.whole:
        yield "Something was left out of it because there was too much: an address that it does not name may be there."
    if said.joined is None:
        yield "By it, the participant was never in the group of the meeting."
    else:
        yield f"By it, the participant was in the group of the meeting since {_time(said.joined)}."
    seen = {address for _, address in _contacts(scene)}
    for address, sent in _by_address(said.sent):
        words = "shows" if address in seen else "does not show"
        yield f"It says that media went to {address} since {_time(sent['from'])}; the capture {words} media with it."


def _by_address(sent: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    first: dict[str, dict[str, Any]] = {}
    for one in sent:
        first.setdefault(str(one["address"]), one)
    yield from first.items()


def _time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"  # a participant may write any number
