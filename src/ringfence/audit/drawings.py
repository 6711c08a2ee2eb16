"""The map and the timeline of a report, as SVG. Both say nothing that the tables beside them do not say in words.
Not here: the page around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin

from ringfence.audit.document import Server, Timeline
from ringfence.audit.elements import Html, e, join
from ringfence.audit.places import name_of, world

# Ten steps to the degree, as the map has them: x east, y south.
WHOLE = (-1800, -840, 3600, 1440)
# Narrower than that, coasts are too coarse.
NARROWEST = 700
ROWS = 12
HEIGHT = 46
WIDTH = 960


@dataclass
class Mark:
    """A country with the servers that data sets place there."""

    code: str
    servers: list[Server]
    x: float
    y: float

    @property
    def name(self) -> str:
        return name_of(self.code)

    @property
    def is_refused(self) -> bool:
        return any(not one.allowed for server in self.servers for one in server.decisions)


def marks(servers: Sequence[Server]) -> list[Mark]:
    """One for each country that any data set names; a server of which they disagree is in several."""
    found: dict[str, Mark] = {}
    for server in servers:
        for code in dict.fromkeys(place.country for place in server.places if place.country):
            at = world()["countries"].get(code, {}).get("at")
            if at:
                mark = found.setdefault(code, Mark(code, [], at[1] * 10, -at[0] * 10))
                mark.servers.append(server)
    return list(found.values())


def draw_map(shown: Sequence[Mark]) -> Html:
    left, top, wide, high = _view(shown)
    radius = wide / 75
    drawn: list[Html] = []
    for number, (mark, (x, y)) in enumerate(zip(shown, _apart(shown, radius * 2.2), strict=True), 1):
        lead = e("line", x1=mark.x, y1=mark.y, x2=x, y2=y, class_="lead", stroke_width=round(radius / 6, 1))
        names = ", ".join(server.address for server in mark.servers)
        circle = e("circle", e("title", f"{mark.name}: {names}"), cx=x, cy=y, r=round(radius, 1), class_=_class(mark))
        sign = e("text", number, x=x, y=round(y + radius * 0.4, 1), class_="sign", font_size=round(radius * 1.2, 1))
        drawn.append(e("g", lead, circle, sign))
    return _svg(
        e("path", d=world()["land"], class_="land"),
        e("path", d=world()["borders"], class_="border"),
        *drawn,
        box=f"{left:.0f} {top:.0f} {wide:.0f} {high:.0f}",
        label=f"Map: {', '.join(f'{number} {mark.name}' for number, mark in enumerate(shown, 1))}",
        class_="map",
    )


def _class(mark: Mark) -> str:
    return "mark refused" if mark.is_refused else "mark"


def _svg(*children: Html, box: str, label: str, class_: str) -> Html:
    # The name of this attribute has a capital, which HTML keeps for SVG alone.
    return e("svg", *children, viewBox=box, role="img", aria_label=label, class_=class_)


def _view(shown: Sequence[Mark]) -> tuple[float, float, float, float]:
    """All marks with room around them, in the shape of the whole map."""
    if not shown:
        return WHOLE
    xs, ys = [mark.x for mark in shown], [mark.y for mark in shown]
    shape = WHOLE[2] / WHOLE[3]
    wide = max(NARROWEST, (max(xs) - min(xs)) * 1.5, (max(ys) - min(ys)) * 1.7 * shape)
    if wide > WHOLE[2] * 0.7:
        return WHOLE
    high = wide / shape
    left = (max(xs) + min(xs)) / 2 - wide / 2
    top = (max(ys) + min(ys)) / 2 - high / 2
    return min(max(left, -1800), 1800 - wide), min(max(top, -840), 600 - high), wide, high


def _apart(shown: Sequence[Mark], least: float) -> list[tuple[float, float]]:
    """Where each sign stands, so that none covers another: turned outwards on a spiral until there is room."""
    placed: list[tuple[float, float]] = []
    for mark in shown:
        for step in range(200):
            away, turn = step * least / 12, step * pi * 0.38
            x, y = round(mark.x + away * cos(turn), 1), round(mark.y + away * sin(turn), 1)
            if all(hypot(x - other[0], y - other[1]) >= least for other in placed):
                break
        placed.append((x, y))
    return placed


def draw_timeline(line: Timeline, servers: Sequence[Server]) -> Html:
    shown = [server for server in servers if any(line.servers.get(server.address, ()))][:ROWS]
    rows = [_row(number, server, line) for number, server in enumerate(shown)]
    names = ", ".join(server.address for server in shown)
    return _svg(*rows, box=f"0 0 {WIDTH} {HEIGHT * len(shown)}", label=f"Timeline of bytes: {names}", class_="time")


def _row(number: int, server: Server, line: Timeline) -> Html:
    sizes = line.servers[server.address]
    most = max(sizes)
    base, step = (number + 1) * HEIGHT - 4, WIDTH / len(sizes)
    bars = []
    for at, size in enumerate(sizes):
        if size:
            high = max(1.0, 22 * size / most)
            box = {"x": round(at * step, 1), "y": round(base - high, 1)}
            bars.append(e("rect", **box, width=round(step * 0.9, 2), height=round(high, 1), class_="bar"))
    rate = most * 8 / max(line.step_seconds, 1e-9)
    name = f"{server.address} {' '.join(server.names[:1])}"
    return e(
        "g",
        e("text", name[:90], x=0, y=number * HEIGHT + 14, class_="label"),
        e("text", f"most: {_rate(rate)}", x=WIDTH, y=number * HEIGHT + 14, class_="small end"),
        e("line", x1=0, x2=WIDTH, y1=base, y2=base, class_="base"),
        join(*bars),
    )


def _rate(bits: float) -> str:
    """Bits a second for a person."""
    for unit in ("bit/s", "kbit/s", "Mbit/s"):
        if bits < 1000:
            return f"{bits:,.0f} {unit}"
        bits /= 1000
    return f"{bits:,.1f} Gbit/s"
