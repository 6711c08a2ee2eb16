"""A report as one HTML file that needs nothing else: no network, no script; for screens, paper and screen readers.
Not here: what is in it (`auditing`), the drawings (`drawings`)."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from importlib import resources

from ringfence.audit.catalogue import catalogue
from ringfence.audit.document import Decision, Finding, Flow, Report, Server
from ringfence.audit.drawings import draw_map, draw_timeline, marks
from ringfence.audit.elements import Html, e, join
from ringfence.audit.fitness import WORDS
from ringfence.audit.places import name_of
from ringfence.audit.text import DRAFT, country, headline, network, size

# So many flows are in the page; all are in the JSON.
FLOWS = 400
# And so many occurrences of one kind of finding.
MOST = 50
VERDICTS = {"fit": "fit", "not fit": "unfit", "not shown": "unshown"}


def page(report: Report) -> str:
    style = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = e(
        "head",
        e("meta", charset="utf-8"),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        e("meta", name="viewport", content="width=device-width, initial-scale=1"),
        e("meta", name="referrer", content="no-referrer"),
        e("title", f"Audit of {report.capture.file}"),
        Html(f"<style>{style}</style>"),
    )
    return f"<!doctype html>\n{e('html', head, _body(report), lang='en')}\n"


def _body(report: Report) -> Html:
    sections = {
        "conclusion": ("Conclusion", _conclusion(report)),
        "findings": ("Findings", _findings(report)),
        "where": ("Where it went", _where(report)),
        "when": ("When", _when(report)),
        "servers": ("Who took part", _servers(report)),
        "fence": ("The fence", _fence(report)),
        "receipt": ("The receipt", _receipt(report)),
        "flows": ("Flows and what was seen in them", _flows(report)),
        "limits": ("What this capture cannot show", _list(report.limits)),
        "about": ("How to check this", _about(report)),
    }
    there = {id_: section for id_, section in sections.items() if section[1]}
    links = [e("li", e("a", title, href=f"#{id_}")) for id_, (title, _) in there.items()]
    parts = [
        e("section", e("h2", title, id=f"{id_}-title"), inner, id=id_, aria_labelledby=f"{id_}-title")
        for id_, (title, inner) in there.items()
    ]
    return e(
        "body",
        _header(report),
        e("nav", e("ul", *links, class_="sides"), aria_label="Contents"),
        e("main", *parts),
        e(
            "footer",
            e("p", f"Made by {report.tool}, offline, from the capture alone. No packet was sent.", class_="soft"),
        ),
    )


def _header(report: Report) -> Html:
    capture = report.capture
    when = f" from {capture.first} to {capture.last}" if capture.first else ""
    how = "" if report.near_given else " (guessed, by how many others it talks to)"
    return e(
        "header",
        e("h1", "Where did this call go, and how was it encrypted?"),
        e("p", e("code", capture.file), f": {capture.packets:,} packets, {size(capture.bytes)}{when}."),
        e("p", f"Captured on {', '.join(report.near) or 'a device that is not known'}{how}.", class_="soft"),
    )


def _list(items: Iterable[str | Html]) -> Html:
    return e("ul", *[e("li", item) for item in items])


def _table(caption: str, head: Sequence[str], rows: Iterable[Html]) -> Html:
    titles = e("tr", *[e("th", title, scope="col") for title in head])
    table = e("table", e("caption", caption), e("thead", titles), e("tbody", *rows))
    return e("div", table, class_="scroll", role="region", aria_label=caption, tabindex=0)


def _conclusion(report: Report) -> Html:
    rows = [
        e(
            "tr",
            e("th", WORDS[one.talk], scope="row"),
            e("td", one.verdict, class_=VERDICTS[one.verdict]),
            e("td", _list(one.reasons)),
        )
        for one in report.fitness
    ]
    sentence = headline(report).removeprefix("Conclusion: ")
    return join(
        e("p", f"{sentence[:1].upper()}{sentence[1:]}", class_="verdict" if report.clean else "verdict weak"),
        _table("Is this call fit for", ("kind of talk", "verdict", "because"), rows),
    )


def _findings(report: Report) -> Html:
    if not report.findings:
        return e("p", "Nothing was found. What that means is said under ", e("a", "limits", href="#limits"), ".")
    shown = {flow.id for flow in _shown(report)}
    kinds = dict.fromkeys(finding.id for finding in report.findings)
    return join(*[_kind(id_, [one for one in report.findings if one.id == id_], shown) for id_ in kinds])


def _kind(id_: str, findings: Sequence[Finding], shown: set[int]) -> Html:
    """All occurrences of one kind, and once what is said of the kind."""
    kind = catalogue()[id_]
    more = [e("li", f"And {len(findings) - MOST:,} more, which are in the JSON.")] if len(findings) > MOST else []
    return e(
        "article",
        e("h3", e("span", kind.severity, class_=kind.severity), f": {kind.title}", id=f"finding-{id_}"),
        e("ul", *[e("li", *_occurrence(one, shown)) for one in findings[:MOST]], *more),
        e("p", e("strong", "What it means. "), kind.means),
        e("p", e("strong", "What to do. "), kind.do),
        e("p", e("strong", "How sure it is. "), kind.confidence),
        e("p", e("strong", "When it is wrong. "), kind.wrong),
        class_="finding weak" if kind.weakness else "finding",
        aria_labelledby=f"finding-{id_}",
    )


def _occurrence(finding: Finding, shown: set[int]) -> list[Html | str]:
    flows = _commas([_flow_link(one, shown) for one in finding.flows[:20]])
    packets = ", ".join(map(str, finding.packets))
    filter_ = e("code", f"frame.number in {{{packets}}}")
    said: list[Html | str] = [f"{finding.text}. ", e("em", f"{finding.confidence.capitalize()}.")]
    if finding.accepted:
        said.append(" It was accepted beforehand (--accept), and changes nothing of the exit status.")
    if flows:
        said += [" Seen in ", *flows]
    if packets:
        said += [f"; packets {packets} (in Wireshark: ", filter_, ")"]
    return said


def _flow_link(number: int, shown: set[int]) -> Html:
    return e("a", f"flow {number}", href=f"#flow-{number}") if number in shown else Html(f"flow {number}")


def _where(report: Report) -> Html:
    inside = [server for server in report.servers if server.roles != ["other"]]
    shown = marks(inside)
    if not shown:
        return e("p", "No data set places a server of this call. Without one, the country of an address is not known.")
    rows = [e("li", f"{mark.name}: ", *_commas([_anchor(server) for server in mark.servers])) for mark in shown]
    words = "Each number stands at the capital of a country that data sets name, not where the machine is."
    return e("figure", draw_map(shown), e("figcaption", e("p", words, class_="soft"), e("ol", *rows)))


def _anchor(server: Server) -> Html:
    return e("a", server.address, href=f"#{_id(server)}")


def _id(server: Server) -> str:
    return f"server-{server.address.replace(':', '_')}"


def _commas(parts: Sequence[Html]) -> list[Html]:
    return [part for number, one in enumerate(parts) for part in ([Html(", ")] if number else []) + [one]]


def _when(report: Report) -> Html:
    line = report.timeline
    if line is None:
        return Html("")
    steps = max(map(len, line.servers.values()), default=0)
    words = (
        f"Bytes both ways since {line.start}, in {steps} steps of {line.step_seconds:.3g} s. "
        "Each row has a scale of its own; sums are in the table below."
    )
    return e("figure", draw_timeline(line, report.servers), e("figcaption", words, class_="soft"))


def _servers(report: Report) -> Html:
    inside = [server for server in report.servers if server.roles != ["other"]]
    others = [server for server in report.servers if server.roles == ["other"]]
    head = (
        "address and names",
        "where, and in whose network, by data sets",
        "did",
        "out",
        "in",
        "first to last",
        "flows",
    )
    shown = {flow.id for flow in _shown(report)}
    parts = [_table("Servers of the call", head, [_server(one, shown) for one in inside])] if inside else []
    if others:
        parts.append(_table("Others in the capture", head, [_server(one, shown) for one in others[:FLOWS]]))
        if len(others) > FLOWS:
            parts.append(e("p", f"And {len(others) - FLOWS:,} more, which are in the JSON."))
    return join(*parts)


def _server(server: Server, shown: set[int]) -> Html:
    names = e("div", ", ".join(server.names[:6]), class_="soft") if server.names else None
    where = [e("div", country(server))]
    where += [
        e("div", f"{one.kind} {one.name} {one.date}: {_said(one.country)}", class_="soft") for one in server.places
    ]
    if not server.local:
        where.append(e("div", network(server)))
        where += [
            e("div", f"network {one.list} {one.date}: AS{one.number} {one.name}", class_="soft")
            for one in server.networks
        ]
    flows = [_flow_link(one, shown) for one in server.flows[:20]]
    return e(
        "tr",
        e("th", e("code", server.address), names, scope="row"),
        e("td", *where),
        e("td", ", ".join(server.roles), None if server.packets else " (behind a relay)"),
        e("td", size(server.bytes_out), class_="number"),
        e("td", size(server.bytes_in), class_="number"),
        e("td", f"{server.first[11:19]} to {server.last[11:19]}"),
        e("td", *_commas(flows)),
        id=_id(server),
    )


def _said(code: str | None) -> str:
    return "nothing" if code is None else name_of(code)


def _fence(report: Report) -> Html:
    if report.fence is None:
        return Html("")
    rows = [_decision(server, one) for server in report.servers for one in server.decisions]
    table = _table("What the fence decides", ("server", "as", "decision", "because"), rows)
    return join(_list(report.fence), e("p", DRAFT, class_="soft"), table if rows else None)


def _decision(server: Server, decision: Decision) -> Html:
    verdict = "inside" if decision.allowed else "outside" if decision.known else "not known to be inside"
    class_ = "inside" if decision.allowed else "outside" if decision.known else "unknown"
    reasons = [join(e("code", one.code), f" {one.rule}: {one.text} ({one.source})") for one in decision.reasons]
    return e(
        "tr",
        e("th", _anchor(server), scope="row"),
        e("td", decision.role),
        e("td", verdict, class_=class_),
        e("td", _list(reasons)),
    )


def _receipt(report: Report) -> Html:
    if report.receipt is None:
        return Html("")
    verdict = "Capture and receipt agree." if report.receipt.agrees else "Capture and receipt do not agree."
    return join(e("p", e("code", report.receipt.file), f": {verdict}"), _list(report.receipt.sentences))


def _shown(report: Report) -> list[Flow]:
    """Those of findings and of the call first, if there are too many."""
    if len(report.flows) <= FLOWS:
        return list(report.flows)
    of_findings = {number for finding in report.findings for number in finding.flows}
    chosen = sorted(report.flows, key=lambda flow: (flow.id not in of_findings, flow.roles == ["other"], flow.id))
    return sorted(chosen[:FLOWS], key=lambda flow: flow.id)


def _flows(report: Report) -> Html:
    shown = _shown(report)
    left_out = len(report.flows) - len(shown)
    more = e("p", f"{left_out:,} further flows are in the JSON.") if left_out else None
    return join(*[_flow(flow) for flow in shown], more)


def _flow(flow: Flow) -> Html:
    far = f"{flow.far.address} port {flow.far.port}" if flow.far.port else flow.far.address
    carried = ", ".join(flow.protocols) or "not recognised"
    line = (
        f"{flow.transport.upper()} {flow.near.address} port {flow.near.port} with {far}"
        f"{f' ({flow.name})' if flow.name else ''}; {', '.join(flow.roles)}; {flow.first} to {flow.last}; "
        f"{flow.packets_out:,} packets out ({size(flow.bytes_out)}), {flow.packets_in:,} in ({size(flow.bytes_in)})"
    )
    seen = [
        e("li", one.text, " ", e("span", f"packets {', '.join(map(str, one.packets))}", class_="soft"))
        for one in flow.observed
        if one.kind != "carries"
    ]
    return e(
        "article",
        e("h3", f"Flow {flow.id}: {carried}"),
        e("p", line),
        e("ul", *seen) if seen else None,
        id=f"flow-{flow.id}",
    )


def _about(report: Report) -> Html:
    sources = [f"{one.kind} {one.name} of {one.date}, digest {one.digest}" for one in report.sources]
    unread = [f"{one.packets:,} {one.reason}" for one in report.capture.unread]
    return join(
        e("p", "Numbers of packets are those of the capture, from 1, as Wireshark and tshark count them."),
        e("p", "Data sets about addresses, which say where they are and in whose network:") if sources else None,
        _list(sources) if sources else None,
        e("p", "Not read:") if unread else None,
        _list(unread) if unread else None,
    )
