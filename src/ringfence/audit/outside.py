"""Findings of the fence's decisions: servers that were refused, and contacts aside of the call that would be.
Not here: deciding (`fencing`)."""

from collections.abc import Iterator, Sequence

from ringfence.audit.catalogue import Confidence
from ringfence.audit.document import Decision, Finding, Server
from ringfence.audit.weaknesses import Scene

BEHIND = " (behind a relay; if this is a participant and no server, no fence is about them)"
ASIDE = " (contacted; whether the call had to do with it cannot be seen)"


def outside(scene: Scene, servers: Sequence[Server], *, is_strict: bool) -> list[Finding]:
    """A device talks to many: who took no visible part in a call that was recognised is told as contacted aside of it.
    `is_strict`: as a server of the call instead."""
    return [finding for server in servers for finding in _of(scene, server, is_strict)]


def _of(scene: Scene, server: Server, is_strict: bool) -> Iterator[Finding]:
    refused = [one for one in server.decisions if not one.allowed]
    known = [one for one in refused if one.known]
    is_other = server.roles == ["other"]
    if not is_other:
        if known:
            yield _found(scene, server, "fence-outside", known, "likely" if server.packets else "possible")
        elif refused:
            yield _found(scene, server, "fence-unknown", refused, "certain")
    elif known:
        # Where no call was recognised it may be any of the flows: none is aside of it.
        is_aside = scene.call.begin is not None and not is_strict
        yield _found(scene, server, "contact-outside" if is_aside else "fence-outside", known, "possible")


def _found(scene: Scene, server: Server, id_: str, refused: Sequence[Decision], sure: Confidence) -> Finding:
    flows = [scene.by_id[number] for number in server.flows]
    reasons = "; ".join(dict.fromkeys(reason.text for one in refused for reason in one.reasons))
    roles = ", ".join(dict.fromkeys(one.role for one in refused))
    name = f" ({server.names[0]})" if server.names else ""
    more = BEHIND if not server.packets else ASIDE if server.roles == ["other"] else ""
    text = f"{server.address}{name}, as {roles}{more}: {reasons}"
    seen = [one for flow in flows for one in flow.observations]
    return scene.found(id_, sure, text, flows, seen).model_copy(update={"server": server.address})
