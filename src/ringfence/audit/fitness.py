"""For which kind of talk a call is fit, by what was found. In spring 2020 researchers advised by kinds of talk: what
may be said in public anyhow, and what needs privacy. The same steps are used here.
Not here: finding anything."""

from collections.abc import Sequence

from ringfence.audit.catalogue import TALKS, catalogue
from ringfence.audit.document import Finding, Fitness

# What each kind of talk is, for people.
WORDS = {
    "public": "public talk: lectures, open meetings, friends and family, whatever could be said where others listen",
    "internal": "internal talk: staff, classes, editors, plans that outsiders should not hear",
    "confidential": "confidential talk: trade secrets, medical data, sources, legal advice, classified matters",
}


def fitness(findings: Sequence[Finding], *, has_media: bool, is_sealed: bool, has_fence: bool) -> list[Fitness]:
    """From open to closed. `is_sealed`: a second layer of encryption was seen, or a receipt agrees; `has_fence`: the
    servers were held against one."""
    return [_of(talk, findings, has_media, is_sealed, has_fence) for talk in TALKS]


def _of(talk: str, findings: Sequence[Finding], has_media: bool, is_sealed: bool, has_fence: bool) -> Fitness:
    against = [finding for finding in findings if catalogue()[finding.id].rules_out(talk)]
    if against:
        reasons = list(dict.fromkeys(f"{finding.title} ({finding.id})" for finding in against))
        return Fitness(talk=talk, verdict="not fit", reasons=reasons)  # type: ignore[arg-type]
    missing = []
    if not has_media:
        missing.append("No call was recognised in the capture")
    if talk == "confidential" and not is_sealed:
        missing.append("No end-to-end encryption was seen: where there is none, servers can hear and see the call")
    if talk == "confidential" and not has_fence:
        missing.append("The servers were not held against a fence: give one with --fence")
    if missing:
        return Fitness(talk=talk, verdict="not shown", reasons=missing)  # type: ignore[arg-type]
    return Fitness(talk=talk, verdict="fit", reasons=["Nothing that was found speaks against it"])  # type: ignore[arg-type]
