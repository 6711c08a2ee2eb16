"""Tables of a page, which stay tables for screen readers where a narrow screen shows each row as a card; and in them
the servers and decisions of a report.
Not here: the page around them (`page`)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringfence.audit.document import Decision, Report, Server
from ringfence.audit.elements import Html, e, join
from ringfence.audit.places import name_of
from ringfence.audit.story import taking_part
from ringfence.audit.text import DRAFT, country, network, size

# So many rows of a table are in the page; all are in the JSON.
ROWS = 400
# And so many flows of one server or finding.
LINKS = 20


@dataclass(frozen=True)
class Cell:
    """What stands in one cell; `class_` is for its looks."""

    inner: Html | str
    class_: str | None = None


def table(caption: str, head: Sequence[str], rows: Iterable[tuple[str | None, Sequence[Cell]]]) -> Html:
    """Each row has an id or none, and cells as many as `head`; the first one names the row. Roles are said, since a
    style that shows rows as cards takes them away (HTML-AAM section 3.5)."""
    rows = list(rows)
    looks = [cell.class_ if cell.class_ == "number" else None for cell in rows[0][1]] if rows else [None] * len(head)
    named = zip(head, looks, strict=True)
    titles = e(
        "tr", *[e("th", title, scope="col", role="columnheader", class_=look) for title, look in named], role="row"
    )
    made = e(
        "table",
        e("caption", caption),
        e("thead", titles, role="rowgroup"),
        e("tbody", *[_row(head, id_, cells) for id_, cells in rows], role="rowgroup"),
        role="table",
    )
    return e("div", made, class_="scroll", role="region", aria_label=caption, tabindex=0)


def first_rows(
    caption: str, head: Sequence[str], rows: Sequence[tuple[str | None, Sequence[Cell]]], whole: int
) -> Html:
    """`rows` are the first of as many as `whole`."""
    more = e("p", f"And {whole - len(rows):,} more, which are in the JSON.") if whole > len(rows) else None
    return join(table(caption, head, rows), more)


def _row(head: Sequence[str], id_: str | None, cells: Sequence[Cell]) -> Html:
    first, *others = cells
    named = zip(head[1:], others, strict=True)
    return e(
        "tr",
        e("th", first.inner, scope="row", role="rowheader", class_=first.class_),
        *[e("td", e("div", one.inner), role="cell", class_=one.class_, data_label=title) for title, one in named],
        role="row",
        id=id_,
    )


def listed(items: Iterable[str | Html]) -> Html:
    return e("ul", *[e("li", item) for item in items])


def commas(parts: Sequence[Html]) -> Html:
    return join(*[part for number, one in enumerate(parts) for part in ([Html(", ")] if number else []) + [one]])


def flow_links(numbers: Sequence[int], shown: set[int]) -> Html:
    """To the flows that are in the page; the others by number alone."""
    links = [
        e("a", f"flow {number}", href=f"#flow-{number}") if number in shown else e("span", f"flow {number}")
        for number in numbers[:LINKS]
    ]
    return commas(links)


def anchor(server: Server, shown: set[str]) -> Html:
    """To its row; of a server that is not in the page, the address alone."""
    return e("a", server.address, href=f"#{_id(server)}") if server.address in shown else e("span", server.address)


def shown_servers(report: Report) -> set[str]:
    """Addresses of all that have a row."""
    others = [server for server in report.servers if server.roles == ["other"]]
    return {server.address for server in (*taking_part(report)[:ROWS], *others[:ROWS])}


def _id(server: Server) -> str:
    return f"server-{server.address.replace(':', '_')}"


def servers(report: Report, shown: set[int]) -> Html:
    inside = taking_part(report)
    others = [server for server in report.servers if server.roles == ["other"]]
    head = ("address and names", "country and network, by data sets", "did", "out", "in", "first to last", "shown by")
    parts = []
    for caption, of_kind in (("Servers of the call", inside), ("Others that were contacted", others)):
        if of_kind:
            rows = [_server(one, shown) for one in of_kind[:ROWS]]
            parts.append(first_rows(caption, head, rows, len(of_kind)))
    return join(*parts)


def _server(server: Server, shown: set[int]) -> tuple[str, list[Cell]]:
    names = e("div", ", ".join(server.names[:6]), class_="soft") if server.names else None
    return _id(server), [
        Cell(join(e("code", server.address), names)),
        Cell(join(*_placed(server))),
        Cell(f"{', '.join(server.roles)}{'' if server.packets else ' (behind a relay)'}"),
        Cell(size(server.bytes_out), "number"),
        Cell(size(server.bytes_in), "number"),
        Cell(f"{server.first[11:19]} to {server.last[11:19]}"),
        Cell(flow_links(server.flows, shown)),
    ]


def _placed(server: Server) -> list[Html]:
    """Country and network, each with the data sets that say so."""
    said = [
        (f"{one.kind} {one.name} {one.date}", "nothing" if one.country is None else name_of(one.country))
        for one in server.places
    ]
    listed = [(f"{one.list} {one.date}", f"AS{one.number} {one.name}") for one in server.networks]
    own = [] if server.local else [e("div", network(server)), *_by(listed)]
    return [e("div", country(server)), *_by(said), *own]


def _by(said: Sequence[tuple[str, str]]) -> list[Html]:
    """Who says it; and what, where they differ."""
    if len({what for _, what in said}) > 1:
        return [e("div", f"{who}: {what}", class_="soft") for who, what in said]
    return [e("div", f"by {', '.join(who for who, _ in said)}", class_="soft")] if said else []


def decisions(report: Report) -> Html:
    if report.fence is None:
        return Html("")
    alike = [(server, one) for server in report.servers for one in _alike(server.decisions)]
    # Refusals first, where there are too many.
    chosen = alike if len(alike) <= ROWS else sorted(alike, key=lambda one: one[1][0].allowed)[:ROWS]
    head = ("server", "as", "decision", "because")
    in_page = shown_servers(report)
    rows = [_decision(server, one, in_page) for server, one in chosen]
    made = first_rows("What the fence decides", head, rows, len(alike)) if rows else None
    return join(listed(report.fence), e("p", DRAFT, class_="soft"), made)


def _alike(decisions: Sequence[Decision]) -> list[list[Decision]]:
    """Decisions that differ in the role alone."""
    found: dict[str, list[Decision]] = {}
    for one in decisions:
        found.setdefault(repr((one.allowed, one.known, one.reasons)), []).append(one)
    return list(found.values())


def _decision(server: Server, alike: Sequence[Decision], in_page: set[str]) -> tuple[None, list[Cell]]:
    decision = alike[0]
    verdict = "inside" if decision.allowed else "outside" if decision.known else "not known to be inside"
    class_ = "inside" if decision.allowed else "outside" if decision.known else "unknown"
    reasons = [
        join(f"{one.text} ", e("span", f"({one.code} {one.rule}; {one.source})", class_="soft"))
        for one in decision.reasons
    ]
    aside = " (no part in the call can be seen)" if decision.role == "other" else ""
    return None, [
        Cell(anchor(server, in_page)),
        Cell(f"{', '.join(one.role for one in alike)}{aside}"),
        Cell(verdict, class_),
        Cell(listed(reasons)),
    ]
