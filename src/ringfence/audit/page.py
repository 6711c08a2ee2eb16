"""A report as one HTML file that needs nothing else: no network, no script; for screens, paper and screen readers.
Not here: what is in it (`auditing`), the drawings (`drawings`), tables (`tables`)."""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources

from ringfence.audit.catalogue import catalogue
from ringfence.audit.document import Finding, Fitness, Flow, Report
from ringfence.audit.drawings import Mark, draw_map, draw_timeline, marks
from ringfence.audit.elements import Html, e, join
from ringfence.audit.fitness import WORDS
from ringfence.audit.story import has_call, headline, in_short, taking_part, when
from ringfence.audit.tables import Cell, anchor, commas, decisions, flow_links, listed, servers, shown_servers, table
from ringfence.audit.text import size

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
    flows = _shown(report)
    shown = {flow.id for flow in flows}
    sections = {
        "conclusion": ("Conclusion", _conclusion(report)),
        "findings": ("Findings", _findings(report, shown)),
        "where": ("Where it went", _where(report)),
        "when": ("When", _when(report)),
        "servers": ("Who took part", servers(report, shown)),
        "fence": ("The fence", decisions(report)),
        "receipt": ("The receipt", _receipt(report)),
        "flows": ("Flows and what was seen in them", _flows(report, flows)),
        "limits": ("What this capture cannot show", listed(report.limits)),
        "about": ("How to check this", _about(report)),
    }
    there = {id_: section for id_, section in sections.items() if section[1]}
    links = [e("li", e("a", title, href=f"#{id_}")) for id_, (title, _) in there.items()]
    parts = [
        e("section", e("h2", title, id=f"{id_}-title"), inner, id=id_, aria_labelledby=f"{id_}-title")
        for id_, (title, inner) in there.items()
    ]
    made = e("p", f"Made by {report.tool}, offline, from the capture alone. No packet was sent.", class_="soft")
    contents = e("nav", e("ul", *links), aria_label="Contents")
    return e("body", _header(report), contents, e("main", *parts), e("footer", made))


def _header(report: Report) -> Html:
    capture = report.capture
    at = f", {when(report)}" if capture.first else ""
    how = "" if report.near_given or not report.near else " (guessed, by how many others it talks to)"
    near = f"Captured on {', '.join(report.near) or 'a device that is not known'}{how}"
    return e(
        "header",
        e("h1", "Where did this call go, and how was it encrypted?"),
        e(
            "p",
            e("code", capture.file),
            f"{at}; {capture.packets:,} packets, {size(capture.bytes)}. {near}.",
            class_="soft",
        ),
    )


def _conclusion(report: Report) -> Html:
    short = [part for question, answer in in_short(report) for part in (e("dt", question), e("dd", answer))]
    because = {f"{finding.title} ({finding.id})": finding for finding in report.findings}
    rows = [(None, _fitness(one, because)) for one in report.fitness]
    return join(
        e("p", headline(report), class_=f"verdict {_look(report)}"),
        e("dl", *short, class_="short"),
        table("Is this call fit for", ("kind of talk", "verdict", "because"), rows),
    )


def _look(report: Report) -> str:
    return "weak" if not report.clean else "good" if has_call(report) else "open"


def _fitness(one: Fitness, because: dict[str, Finding]) -> list[Cell]:
    name, _, what = WORDS[one.talk].partition(": ")
    reasons = [
        e("a", because[reason].title, href=f"#finding-{because[reason].id}") if reason in because else reason
        for reason in one.reasons
    ]
    talk = join(name, e("div", what, class_="soft"))
    return [Cell(talk), Cell(one.verdict, VERDICTS[one.verdict]), Cell(listed(reasons))]


def _findings(report: Report, shown: set[int]) -> Html:
    if not report.findings:
        return e("p", "Nothing was found. What that means is said under ", e("a", "limits", href="#limits"), ".")
    kinds = dict.fromkeys(finding.id for finding in report.findings)
    return join(*[_kind(id_, [one for one in report.findings if one.id == id_], shown) for id_ in kinds])


def _kind(id_: str, findings: Sequence[Finding], shown: set[int]) -> Html:
    """All occurrences of one kind, and once what is said of the kind."""
    kind = catalogue()[id_]
    more = [e("li", f"And {len(findings) - MOST:,} more, which are in the JSON.")] if len(findings) > MOST else []
    counts = any(finding.weakness and not finding.accepted for finding in findings)
    return e(
        "article",
        e("h3", e("span", kind.severity, class_=kind.severity), f": {kind.title}", id=f"finding-{id_}"),
        e("p", kind.means),
        e("ul", *[_occurrence(one, shown) for one in findings[:MOST]], *more),
        e("p", e("strong", "What to do. "), kind.do),
        e("p", e("strong", "How sure it is. "), kind.confidence, class_="aside"),
        e("p", e("strong", "When it is wrong. "), kind.wrong, class_="aside"),
        class_=f"finding weak of-{kind.severity}" if counts else "finding",
        aria_labelledby=f"finding-{id_}",
    )


def _occurrence(finding: Finding, shown: set[int]) -> Html:
    packets = ", ".join(map(str, finding.packets))
    said: list[Html | str] = [f"{finding.text}. ", e("em", f"{finding.confidence.capitalize()}.")]
    if finding.accepted:
        said.append(" It was accepted beforehand (--accept), and changes nothing of the exit status.")
    if finding.flows:
        said += [" Shown by ", flow_links(finding.flows, shown)]
    if packets:
        filter_ = e("code", f"frame.number in {{{packets}}}")
        said += [f", packets {packets} (in Wireshark: ", filter_, ")"]
    return e("li", *said, "." if finding.flows or packets else None)


def _where(report: Report) -> Html:
    shown = marks(taking_part(report))
    if not shown:
        return e("p", "No data set places a server of this call. Without one, the country of an address is not known.")
    in_page = shown_servers(report)
    rows = [e("li", f"{mark.name}: ", _servers_of(mark, in_page)) for mark in shown]
    words = "Each number stands at the capital of a country that data sets name, not where the machine is."
    if any(mark.is_refused for mark in shown):
        words += " Square signs are countries with a server that the fence refuses."
    return e("figure", draw_map(shown), e("figcaption", e("p", words, class_="soft"), e("ol", *rows)))


def _servers_of(mark: Mark, in_page: set[str]) -> Html:
    more = Html(f" and {len(mark.servers) - MOST:,} more") if len(mark.servers) > MOST else Html("")
    return join(commas([anchor(server, in_page) for server in mark.servers[:MOST]]), more)


def _when(report: Report) -> Html:
    line = report.timeline
    if line is None:
        return Html("")
    words = (
        f"Bytes both ways, in steps of {line.step_seconds:.3g} s. Each row has a scale of its own; "
        "sums are in the table below."
    )
    return e("figure", draw_timeline(line, report.servers), e("figcaption", words, class_="soft"))


def _receipt(report: Report) -> Html:
    if report.receipt is None:
        return Html("")
    verdict = "Capture and receipt agree." if report.receipt.agrees else "Capture and receipt do not agree."
    return join(e("p", e("code", report.receipt.file), f": {verdict}"), listed(report.receipt.sentences))


def _shown(report: Report) -> list[Flow]:
    """Those of findings and of the call first, if there are too many."""
    if len(report.flows) <= FLOWS:
        return list(report.flows)
    of_findings = {number for finding in report.findings for number in finding.flows}
    chosen = sorted(report.flows, key=lambda flow: (flow.id not in of_findings, flow.roles == ["other"], flow.id))
    return sorted(chosen[:FLOWS], key=lambda flow: flow.id)


def _flows(report: Report, shown: Sequence[Flow]) -> Html:
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
        listed(sources) if sources else None,
        e("p", "Not read:") if unread else None,
        listed(unread) if unread else None,
    )
