"""What the fence says of each server: the core's decision, asked with what is known.
Not here: deciding (core/fence), or comparing any country."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from ringfence._core import documents, fence
from ringfence.audit.document import Decision, Reason
from ringfence.audit.places import Places, Said, placeable
from ringfence.errors import Refusal

# Longest file that is meant to be read here (bytes).
LONGEST = 8 << 20
# The key of no node: nobody signed anything of these servers.
NOBODY = "A" * 43
# Reasons that say that something is not known, rather than that what is known is outside.
UNKNOWN = {"RF2102", "RF2108", "RF2109", "RF2112", "RF2113", "RF2116", "RF2118"}
# Of a server of which nobody stated anything, neither operator nor law is known.
UNSTATED = {"RF2110", "RF2111"}
COUNTRY = "RF2104"
# A draft is made here, of data sets: the core's words of an operator's statement would say that there is one.
OF_DRAFTS = {
    "the operator states that it is in ": "by the data sets it is in ",
    "only the operator's signed word says so, which the fence accepts": (
        "the fence would accept an operator's word alone; here there is only what data sets say"
    ),
    "agree with the operator about every address": "agree about the address",
    "and the operator does elsewhere: one of them would have to be corrected": "and another data set elsewhere",
    "the operator does not say in which country the node is: it would have to": (
        "no data set says in which country the address is: one would have to"
    ),
    "it is not stated whose law an operator that is not known answers to, and would have to be": (
        "whose law its operator answers to is not known, and would have to be"
    ),
    "the operator `unknown` is not in the fence": "its operator is not known",
    "so only the operator's word is there": "and no operator's word is there",
}
# So many decisions are kept for the next server of which the same is known.
KEPT = 1 << 16
UNSAID = "statement 0 of an operator that is not known"


@dataclass(frozen=True)
class Stated:
    """What is said of a node, as a draft. Whoever gives the file vouches for it: no operator's signature is checked."""

    draft: bytes
    addresses: frozenset[str]


class Fence:
    """A policy, and what is known of servers."""

    def __init__(self, policy: bytes, places: Places, stated: Iterable[Stated] = ()) -> None:
        self._policy = policy
        self._places = places
        self._stated = {address: one for one in stated for address in one.addresses}
        self._decided: dict[tuple[object, ...], Decision] = {}

    @property
    def sentences(self) -> list[str]:
        return fence.explain(self._policy)

    def decide(self, address: str, role: str, at: int) -> Decision:
        """About a server that played this role at this moment (unix seconds).

        Data sets are often fetched after a call, and what is dated in the future counts for nothing: then
        the decision is of the day of the newest one. The core is asked once for all servers of which the same is known.
        """
        at = max([at, *(one.date for one in self._places.sets)])
        stated = self._stated.get(address)
        said = self._places.of(address)
        if stated:
            return self._ask(address, role, at, said, stated)
        evidence = (placeable(address), *said, role, at)
        kept = self._decided.get(evidence)
        if kept is None:
            kept = self._ask(address, role, at, said, None)
            # A reason that names the address holds for no other.
            if not any(address in reason.text for reason in kept.reasons):
                if len(self._decided) == KEPT:
                    self._decided.clear()
                self._decided[evidence] = kept
        return kept

    def _ask(self, address: str, role: str, at: int, said: Sequence[Said], stated: Stated | None) -> Decision:
        node = stated.draft if stated else _draft(address, role, said, at)
        decided = fence.decide(
            self._policy,
            node,
            evidence=None,
            trust=None,
            role=role,
            address=address,
            at=at,
            sets=self._places.sets,
        )
        decision: dict[str, Any] = json.loads(decided)
        reasons = [Reason(**{name: str(one[name]) for name in Reason.model_fields}) for one in decision["reasons"]]
        if not stated:
            reasons = [_of_draft(reason, said) for reason in reasons]
        codes = {reason.code for reason in reasons}
        open_ = UNKNOWN if stated else UNKNOWN | UNSTATED
        if not stated and not any(one.country for one in said):
            open_ = open_ | {COUNTRY}
        return Decision(
            role=decision["role"],
            allowed=decision["allowed"],
            # What a decision allows for (RF2100, RF2101, RF2114, RF2117) is in the reasons of a refusal, too.
            known=decision["allowed"] or bool(codes & REFUSALS - open_),
            standing=decision["standing"],
            statement="given" if stated else "draft from data sets",
            reasons=reasons,
        )


REFUSALS = {f"RF{number}" for number in (*range(2102, 2114), 2115, 2116, 2118)}


def _of_draft(reason: Reason, said: Sequence[Said]) -> Reason:
    text = reason.text
    for signed, drafted in OF_DRAFTS.items():
        text = text.replace(signed, drafted)
    first = next((f"{one.kind} {one.name} {one.date}" for one in said if one.country), "no data set")
    return reason.model_copy(update={"text": text, "source": first if reason.source == UNSAID else reason.source})


def _draft(address: str, role: str, said: Sequence[Said], at: int) -> bytes:
    """A statement that nobody made: the address is where the first data set that says something has it. What others say
    contradicts it, or does not; that is the core's to see."""
    country = next((one.country for one in said if one.country), None)
    whole_days = [datetime.fromtimestamp(max(0, at + days * 86_400), UTC).isoformat() for days in (-1, 1)]
    draft = {
        "node": NOBODY,
        "name": address,
        "operator": {"id": "unknown", "name": "an operator that is not known", "law": [], "parents": []},
        "country": country,
        "roles": [role],
        "addresses": [address],
        "from": whole_days[0],
        "until": whole_days[1],
    }
    return json.dumps(draft).encode()


def policy(name: str) -> bytes:
    """From a file, or of a preset of that name where there is no such file. Raises RF2001, RF2002, RF5001."""
    path = Path(name)
    if not path.exists() and re.fullmatch("[a-z0-9-]+", name):
        return fence.preset_policy(name, bytes(32))
    content = _read(path)
    try:
        return fence.parse_policy(content.decode())
    except UnicodeDecodeError as error:
        raise Refusal("RF2001", f"{name} is not UTF-8 at byte {error.start}") from None


def stated(name: str) -> Stated:
    """From a file: what `ringfence node` writes, or a draft. Raises RF2505, RF5001."""
    return stated_of(name, _read(Path(name)))


def stated_of(name: str, content: bytes) -> Stated:
    """From what an operator signed, or a draft of it. Raises RF2505."""
    try:
        draft = content if content.lstrip().startswith(b"{") else documents.stated(content).encode()
        says: Mapping[str, Any] = json.loads(draft)
        return Stated(draft, frozenset(str(ip_address(address)) for address in says["addresses"]))
    except Refusal as refusal:
        raise Refusal("RF2505", f"{name}: {refusal.detail}") from None
    except (ValueError, TypeError, KeyError) as error:
        raise Refusal("RF2505", f"{name}: {error}") from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise Refusal("RF5001", f"{path}: {error.strerror}") from None
    if len(content) > LONGEST:
        raise Refusal("RF5001", f"{path} is longer than {LONGEST >> 20} MiB")
    return content
