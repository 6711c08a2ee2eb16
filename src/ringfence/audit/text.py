"""A report for a terminal or a mail: everything that a person needs, on about a page.
Not here: what is in it (`auditing`)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import wrap

from ringfence.audit.document import Finding, Flow, Report, Server
from ringfence.audit.fitness import WORDS
from ringfence.audit.places import name_of
from ringfence.audit.quoting import plain
from ringfence.audit.story import headline, in_short, taking_part, when

WIDE = 79
# What decisions rest on.
DRAFT = (
    "Of a server of which no operator's word was given (--node), the fence was asked as if its operator had stated "
    "what the first data set says. Nobody did."
)
# So many others are listed by name; the rest is counted.
OTHERS = 8
# And so many of the call, and occurrences of one kind of finding.
SERVERS = 30
MOST = 10


def text(report: Report) -> str:
    lines = [*_head(report), *_fitness(report), *_findings(report.findings), *_servers(report), *_receipt(report)]
    return "\n".join([*lines, *_sources(report), *_limits(report)]) + "\n"


def brief(report: Report) -> list[str]:
    """As much as a terminal shows of a call that runs: a line for each kind of finding and each server."""
    verdicts = ", ".join(f"{one.talk} talk: {one.verdict}" for one in report.fitness)
    lines = [*_head(report), "", *_item("", f"For {verdicts}.")]
    counts = Counter(finding.id for finding in report.findings)
    kinds = {finding.id: finding for finding in report.findings}.values()
    lines += [f"  {_sign(one)} {one.severity}: {one.title} ({counts[one.id]:,})" for one in kinds]
    lines.append("")
    for server in report.servers:
        amount = size(server.bytes_in + server.bytes_out)
        line = plain(f"  {_called(server)}: {_where(server)}; {', '.join(server.roles)}; {amount}", 1000)
        lines.append(line if len(line) <= WIDE else f"{line[: WIDE - 1]}…")
    return lines


def _sign(finding: Finding) -> str:
    return "!" if finding.weakness and not finding.accepted else "-"


def _item(before: str, words: str) -> list[str]:
    return wrap(
        plain(words, 4000),
        WIDE,
        initial_indent=before,
        subsequent_indent=" " * len(before),
        break_on_hyphens=False,
        break_long_words=False,
    ) or [before.rstrip()]


def size(count: int) -> str:
    """Bytes for a person, in powers of 1000."""
    number = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{number:,.0f} {unit}" if unit == "bytes" or number >= 100 else f"{number:,.1f} {unit}"
        number /= 1000
    raise AssertionError("the last unit takes all")


def _head(report: Report) -> Iterator[str]:
    capture = report.capture
    at = f", {when(report)}" if capture.first else ""
    yield from _item("", f"{capture.file}: {capture.packets:,} packets, {size(capture.bytes)}, {capture.format}{at}")
    how = "given" if report.near_given else "guessed; --me says it"
    yield from _item("", f"Captured on {', '.join(report.near) or 'nobody'} ({how}).")
    for unread in capture.unread:
        yield from _item("  not read: ", f"{unread.packets:,} {unread.reason}")
    yield ""
    yield from _item("", f"Conclusion: {headline(report)}")
    for question, answer in in_short(report):
        yield from _item("  - ", f"{question}: {answer}")


def _fitness(report: Report) -> Iterator[str]:
    yield ""
    yield "Is this call fit for"
    for one in report.fitness:
        yield from _item("  ", f"{one.verdict.upper()}  {WORDS[one.talk]}")
        for reason in one.reasons:
            yield from _item("      - ", reason)


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    yield ""
    yield "Findings" if findings else "Findings: none"
    told: Counter[str] = Counter()
    for finding in findings:
        told[finding.id] += 1
        if told[finding.id] == MOST + 1:
            yield from _item("      ", f"and more of {finding.id}, which are in the JSON")
        if told[finding.id] > MOST:
            continue
        head = f"{finding.severity}: {finding.title} [{finding.id}], {finding.confidence}"
        head += ", accepted" if finding.accepted else ""
        yield from _item(f"  {_sign(finding)} ", head)
        packets = f" Packets {', '.join(map(str, finding.packets))}." if finding.packets else ""
        yield from _item("      ", f"{finding.text}.{packets}")


def _servers(report: Report) -> Iterator[str]:
    inside = taking_part(report)
    others = [server for server in report.servers if server.roles == ["other"]]
    yield ""
    yield "Who took part in the call" if inside else "Who took part in the call: nobody was recognised"
    by_id = {flow.id: flow for flow in report.flows}
    for server in inside[:SERVERS]:
        yield from _server(server, [by_id[number] for number in server.flows])
    if len(inside) > SERVERS:
        yield f"  and {len(inside) - SERVERS:,} more, which are in the JSON"
    if others:
        yield ""
        yield f"Others: {len(others):,}"
        for server in others[:OTHERS]:
            yield from _item("  ", f"{_called(server)}: {_where(server)}; {size(server.bytes_in + server.bytes_out)}")


def _called(server: Server) -> str:
    names = f" ({', '.join(server.names[:3])})" if server.names else ""
    return f"{server.address}{names}"


def country(server: Server) -> str:
    """What data sets say, side by side where they differ."""
    if server.local:
        return "a local network"
    said: dict[str, list[str]] = {}
    for place in server.places:
        if place.country:
            said.setdefault(place.country, []).append(place.name)
    if len(said) == 1:
        return name_of(next(iter(said)))
    if not said:
        return "country not known"
    return " or ".join(f"{name_of(code)} by {', '.join(names)}" for code, names in said.items())


def network(server: Server) -> str:
    """In whose network lists have it, side by side where they differ."""
    said: dict[tuple[int, str], list[str]] = {}
    for one in server.networks:
        said.setdefault((one.number, one.name), []).append(one.list)
    if not said:
        return "network not known"
    called = {
        key: f"network of {key[1]} (AS{key[0]})" if key[1] else f"network AS{key[0]}, which has no name" for key in said
    }
    if len(said) == 1:
        return next(iter(called.values()))
    return " or ".join(f"{called[key]} by {', '.join(lists)}" for key, lists in said.items())


def _where(server: Server) -> str:
    return country(server) if server.local else f"{country(server)}, {network(server)}"


def _server(server: Server, flows: Sequence[Flow]) -> Iterator[str]:
    carried = ", ".join(dict.fromkeys(one for flow in flows for one in flow.protocols)) or "not recognised"
    amount = f"{size(server.bytes_out)} out, {size(server.bytes_in)} in" if server.packets else "reached behind a relay"
    yield from _item("  ", f"{_called(server)}: {_where(server)}; {', '.join(server.roles)}; {carried}; {amount}")
    for (verdict, why), roles in _decided(server).items():
        yield from _item("      fence: ", f"{verdict}, as {', '.join(roles)}: {why}")
    shown = dict.fromkeys(
        one.text for flow in flows for one in flow.observed if one.kind in ("server_hello", "media_stream")
    )
    for words in list(shown)[:4]:
        yield from _item("      ", words)


def _decided(server: Server) -> dict[tuple[str, str], list[str]]:
    """Roles by what was decided about them, and why."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in server.decisions:
        verdict = "inside" if one.allowed else "outside" if one.known else "not known to be inside"
        why = "; ".join(f"{reason.code} {reason.text}" for reason in one.reasons)
        found.setdefault((verdict, why), []).append(one.role)
    return found


def _receipt(report: Report) -> Iterator[str]:
    if report.receipt:
        verdict = "capture and receipt agree" if report.receipt.agrees else "capture and receipt do not agree"
        yield ""
        yield from _item("", f"Receipt {report.receipt.file}: {verdict}")
        for sentence in report.receipt.sentences:
            yield from _item("  - ", sentence)


def _sources(report: Report) -> Iterator[str]:
    if report.sources:
        yield ""
        yield "Data sets about addresses"
        for source in report.sources:
            yield from _item("  - ", f"{source.kind} {source.name} of {source.date}")
    if report.fence:
        yield ""
        yield "The fence"
        for sentence in (*report.fence, DRAFT):
            yield from _item("  - ", sentence)


def _limits(report: Report) -> Iterator[str]:
    yield ""
    yield "What this capture cannot show"
    for limit in report.limits:
        yield from _item("  - ", limit)
