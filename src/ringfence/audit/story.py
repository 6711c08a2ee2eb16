"""What a report says in a few sentences, for whoever reads nothing else of it.
Not here: findings (`weaknesses`), or how it looks (`text`, `page`)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from ringfence.audit.document import Report, Server
from ringfence.audit.places import name_of

# So many countries, networks or titles are named; the rest is counted.
NAMED = 4
CLEAR = ("media-in-clear", "codec-readable")


def headline(report: Report) -> str:
    """The conclusion in one sentence."""
    weak = [finding for finding in report.findings if finding.weakness and not finding.accepted]
    if weak:
        talks = [one.talk for one in report.fitness if one.verdict == "not fit"]
        against = f"not fit for {' or '.join(talks)} talk" if talks else "weaknesses were found"
        return f"{against[:1].upper()}{against[1:]}: {_some(list(dict.fromkeys(_small(one.title) for one in weak)))}."
    if any(finding.weakness for finding in report.findings):
        return "No weakness was found but those that were accepted beforehand."
    if not has_call(report):
        return "No call was recognised in this capture, so nothing is shown of how one was protected."
    inside = ", and every server of the call is inside the fence" if report.fence else ""
    unshown = [one.talk for one in report.fitness if one.verdict == "not shown"]
    open_ = f" Whether it is fit for {' or '.join(unshown)} talk is not shown." if unshown else ""
    return f"No weakness was found{inside}.{open_}"


def in_short(report: Report) -> Iterator[tuple[str, str]]:
    """Questions, each with an answer of a sentence or two."""
    yield "Where it went", _where(report)
    yield "Who is there", _who(report)
    yield "How it was encrypted", _how(report)
    if report.receipt:
        yield "The receipt", f"Capture and receipt {'agree' if report.receipt.agrees else 'do not agree'}."


def has_call(report: Report) -> bool:
    return not any(finding.id == "no-media-seen" for finding in report.findings)


def when(report: Report) -> str:
    """From first to last packet, for a person; as it stands where no calendar has it."""
    first, last = report.capture.first, report.capture.last
    if not first or not last:
        return ""
    try:
        begin, end = (datetime.fromisoformat(text) for text in (first, last))
    except ValueError:
        return f"{first} to {last}"
    whole = f"{begin.day} {begin:%B %Y, %H:%M:%S}"
    same = begin.date() == end.date()
    return f"{whole} to {end:%H:%M:%S} UTC" if same else f"{whole} to {end.day} {end:%B %Y, %H:%M:%S} UTC"


def taking_part(report: Report) -> list[Server]:
    return [server for server in report.servers if server.roles != ["other"]]


def _small(title: str) -> str:
    """Inside of a sentence; names in capitals stay."""
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"


def _some(words: Sequence[str]) -> str:
    more = f", and {len(words) - NAMED:,} more" if len(words) > NAMED else ""
    return f"{', '.join(words[:NAMED])}{more}"


def _where(report: Report) -> str:
    servers = taking_part(report)
    others = len(report.servers) - len(servers)
    aside = f" {_count(others, 'other address was', 'other addresses were')} contacted." if others else ""
    if not servers:
        return f"No address was seen to take part in a call.{aside}"
    whole = _count(len(servers), "address", "addresses")
    if not all(server.local for server in servers) and not any(source.kind != "network" for source in report.sources):
        return (
            f"{whole} took part. In which countries is not known: no data set was given (--geo, docs/audit.md).{aside}"
        )
    places = Counter(_place(server) for server in servers)
    named = [f"{count:,} {place}" for place, count in places.most_common()]
    by = "" if all(server.local for server in servers) else "by data sets "
    return f"{whole} took part: {by}{_some(named)}.{aside}"


def _count(number: int, one: str, several: str) -> str:
    return f"{number:,} {one if number == 1 else several}"


def _place(server: Server) -> str:
    if server.local:
        return "in a local network"
    said = list(dict.fromkeys(name_of(place.country) for place in server.places if place.country))
    if not said:
        return "in a country that is not known"
    return f"in {said[0]}" if len(said) == 1 else f"of which data sets disagree ({' or '.join(sorted(said))})"


def _who(report: Report) -> str:
    far = [server for server in taking_part(report) if not server.local]
    if not far:
        return "No server outside of the local network took part."
    holders = Counter(one.name or f"AS{one.number}" for server in far for one in server.networks)
    unknown = sum(not server.networks for server in far)
    if not holders:
        return (
            "Who runs the servers is not known: no list of networks was given, or none has their addresses (--geo, "
            "docs/audit.md)."
        )
    left = f" Of {unknown:,} the network is not known." if unknown else ""
    hint = "That is a hint at who runs them, and no proof."
    named = _some([name for name, _ in holders.most_common()]).rstrip(".")
    return f"In the networks of {named}.{left} {hint}"


def _how(report: Report) -> str:
    media = [server for server in taking_part(report) if "media" in server.roles and server.packets]
    if not media:
        return "No sound or picture was recognised, so nothing is said of how a call was encrypted."
    found = {finding.id for finding in report.findings}
    clear = {finding.server for finding in report.findings if finding.id in CLEAR}
    patterns = {finding.server for finding in report.findings if finding.id == "ecb"}
    sealed = {flow.id for flow in report.flows if "SRTP" in flow.protocols}
    untold = {flow.id for flow in report.flows if "RTP" in flow.protocols} - sealed

    def kind(server: Server) -> str:
        if server.address in clear:
            return "readable by anybody on the way"
        if server.address in patterns:
            return "encrypted so that patterns show through (ECB)"
        if sealed.isdisjoint(server.flows):
            return "it cannot be told"
        if not untold.isdisjoint(server.flows):
            return "in part encrypted on the way (SRTP), and in part it cannot be told,"
        return "encrypted on the way, as far as can be seen (SRTP)"

    kinds = Counter(kind(server) for server in media)
    said = [f"{kind} with {_count(count, 'address', 'addresses')}" for kind, count in kinds.items()]
    keys = " Keys of media were sent where anybody on the way could read them." if "keys-in-clear" in found else ""
    layer = (
        "A second layer, end to end, was not seen, which does not prove that there was none."
        if "no-end-to-end-seen" in found
        else "Signs of a second layer, end to end, were seen."
    )
    return f"Sound and picture: {'; '.join(said)}.{keys} {layer}"
