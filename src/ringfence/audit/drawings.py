"""The map and the timeline of a report, as SVG. Both say nothing that the tables beside them do not say in words.
Not here: the page around them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, pi, sin

from ringfence.audit.document import Server, Timeline
from ringfence.audit.elements import Html, e, join
from ringfence.audit.places import name_of, world

# Ten steps to the degree, as the map has them: x east, y south.
WHOLE = (-1800, -840, 3600, 1440)
# Narrower than that, coasts are too coarse.
NARROWEST = 700
ROWS = 12
HEIGHT = 24
# Into so many the time below the rows is divided.
PARTS = 4


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
    """With signs twice: small ones, and for narrow screens larger ones; the style shows one of both."""
    left, top, wide, high = _view(shown)
    return _svg(
        e("path", d=world()["land"], class_="land"),
        e("path", d=world()["borders"], class_="border"),
        e("g", *_signs(shown, wide / 75), class_="on-wide"),
        e("g", *_signs(shown, wide / 36), class_="on-narrow"),
        viewBox=f"{left:.0f} {top:.0f} {wide:.0f} {high:.0f}",
        aria_label=f"Map: {', '.join(f'{number} {mark.name}' for number, mark in enumerate(shown, 1))}",
        class_="map",
    )


def _signs(shown: Sequence[Mark], radius: float) -> list[Html]:
    """A circle with its number for each country, and a square where the fence refuses a server."""
    drawn: list[Html] = []
    for number, (mark, (x, y)) in enumerate(zip(shown, _apart(shown, radius * 2.2), strict=True), 1):
        lead = e("line", x1=mark.x, y1=mark.y, x2=x, y2=y, class_="lead", stroke_width=round(radius / 6, 1))
        title = e("title", f"{mark.name}: {', '.join(server.address for server in mark.servers)}")
        if mark.is_refused:
            size = round(radius * 1.8, 1)
            corner = {"x": round(x - size / 2, 1), "y": round(y - size / 2, 1)}
            shape = e("rect", title, **corner, width=size, height=size, class_="mark refused")
        else:
            shape = e("circle", title, cx=x, cy=y, r=round(radius, 1), class_="mark")
        sign = e("text", number, x=x, y=round(y + radius * 0.4, 1), class_="sign", font_size=round(radius * 1.2, 1))
        drawn.append(e("g", lead, shape, sign))
    return drawn


def _svg(*children: Html, **attributes: str | float) -> Html:
    # Some names of attributes have a capital, which HTML keeps for SVG alone.
    return e("svg", *children, role="img", **attributes)


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
    """A row for each server, in text and bars, and the time below: text stays as large as it is elsewhere."""
    shown = [server for server in servers if any(line.servers.get(server.address, ()))]
    left_out = [e("li", "Further servers are in the table below.", class_="soft")] if len(servers) > ROWS else []
    rows = [e("li", *_row(server, line)) for server in shown[:ROWS]]
    steps = max(map(len, line.servers.values()), default=0)
    ticks = [e("span", _moment(line, steps * part / PARTS)) for part in range(PARTS + 1)]
    return join(e("ol", *rows, *left_out, class_="rows"), e("div", *ticks, class_="ticks"))


def _moment(line: Timeline, steps: float) -> str:
    after = steps * line.step_seconds
    try:
        return f"{datetime.fromisoformat(line.start) + timedelta(seconds=after):%H:%M:%S}"
    except (ValueError, OverflowError):
        return f"{after:,.0f} s"


def _row(server: Server, line: Timeline) -> list[Html]:
    sizes = line.servers[server.address]
    most = max(sizes)
    bars = []
    for at, size in enumerate(sizes):
        if size:
            high = round(max(1.0, HEIGHT * size / most), 1)
            bars.append(e("rect", x=at, y=round(HEIGHT - high, 1), width=1, height=high, class_="bar"))
    rate = f"at most {_rate(most * 8 / max(line.step_seconds, 1e-9))}"
    first, last = (_moment(line, at) for at in (_first(sizes), len(sizes) - _first(sizes[::-1])))
    name = e("span", e("code", server.address), f" {' '.join(server.names[:1])}"[:90])
    drawn = _svg(
        *bars,
        viewBox=f"0 0 {len(sizes)} {HEIGHT}",
        preserveAspectRatio="none",
        aria_label=f"{server.address}: from {first} to {last}, {rate}",
        class_="time",
    )
    return [e("div", name, e("span", rate, class_="soft"), class_="row"), drawn]


def _first(sizes: Sequence[int]) -> int:
    return next(at for at, size in enumerate(sizes) if size)


def _rate(bits: float) -> str:
    """Bits a second for a person."""
    for unit in ("bit/s", "kbit/s", "Mbit/s"):
        if bits < 1000:
            return f"{bits:,.0f} {unit}"
        bits /= 1000
    return f"{bits:,.1f} Gbit/s"
