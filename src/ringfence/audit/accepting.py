"""Findings that somebody knows and accepts: they stay in the report, and change nothing of the exit status.
Not here: what is found."""

from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.audit.catalogue import catalogue
from ringfence.audit.document import Finding
from ringfence.audit.flows import Flow
from ringfence.audit.names import site
from ringfence.audit.weaknesses import Scene
from ringfence.errors import Refusal


@dataclass(frozen=True)
class Accepted:
    """One kind of finding; `whom`: only with this address, name or site."""

    id: str
    whom: str | None


def accepted(words: str) -> Accepted:
    """Of `ID` or `ID:WHOM`. Raises RF5001 for a finding that there is not."""
    id_, _, whom = words.partition(":")
    if id_ not in catalogue():
        raise Refusal("RF5001", f"--accept: there is no finding {id_}: one of {', '.join(catalogue())}")
    return Accepted(id_, whom.lower() or None)


def marked(scene: Scene, findings: Sequence[Finding], accepted: Sequence[Accepted]) -> list[Finding]:
    """The same findings, each with whether it is accepted."""
    if not accepted:
        return list(findings)
    return [
        finding.model_copy(update={"accepted": any(_covers(scene, one, finding) for one in accepted)})
        for finding in findings
    ]


def _covers(scene: Scene, accepted: Accepted, finding: Finding) -> bool:
    if accepted.id != finding.id or accepted.whom is None:
        return accepted.id == finding.id
    with_ = [_called(scene, scene.by_id[number]) for number in finding.flows]
    return bool(with_) and all(accepted.whom in called for called in with_)


def _called(scene: Scene, flow: Flow) -> set[str]:
    """The far end's address, its name and its site."""
    far = scene.near.ends(flow)[1]
    name = scene.names.of_flow(flow, far)
    return {far.address, *([name.lower(), site(name)] if name else [])}
