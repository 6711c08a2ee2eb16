"""Makes web/src/views/where/world.generated.ts: the land and the borders that the panel draws nodes on.
Not responsible for: where anything is by the fence (core/fence/borders.bin has other, finer and rounded borders).

It is run by hand, and what it makes is committed:

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python tools/worldmap.py package/countries-110m.json

The map is Natural Earth 4.1.0 at 1:110m (public domain) as packed by world-atlas 2.0.2 (ISC), on the plane of longitude
and latitude, in steps of 0.1 degree: x is 10 times the longitude, y is -10 times the latitude. A ring that crosses the
antimeridian goes on beyond 180, so whoever draws it draws it again 360 degrees away.
"""

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MADE = ROOT / "web" / "src" / "views" / "where" / "world.generated.ts"
PACKAGE = "world-atlas 2.0.2"
SHA256 = "2516c915867c7baf18ddec727aec46c315541a07cfb3d79a6559b05d5e94eee8"
STEP = 10

Point = tuple[int, int]


class Atlas:
    """The arcs of a TopoJSON file, in steps of the map."""

    def __init__(self, topology: dict[str, Any]) -> None:
        scale, move = topology["transform"]["scale"], topology["transform"]["translate"]
        self.arcs: list[list[Point]] = []
        for arc in topology["arcs"]:
            x = y = 0
            points = []
            for dx, dy in arc:
                x, y = x + dx, y + dy
                points.append((round((x * scale[0] + move[0]) * STEP), round(-(y * scale[1] + move[1]) * STEP)))
            self.arcs.append(points)
        self.land = topology["objects"]["land"]["geometries"]
        self.countries = topology["objects"]["countries"]["geometries"]

    def line(self, indices: Iterable[int]) -> list[Point]:
        """Arcs put together; no edge jumps from one side of the map to the other."""
        points: list[Point] = []
        for index in indices:
            arc = self.arcs[index] if index >= 0 else self.arcs[~index][::-1]
            points += arc[1:] if points else arc
        line = points[:1]
        for x, y in points[1:]:
            before = line[-1][0]
            line.append((before + (x - before + 180 * STEP) % (360 * STEP) - 180 * STEP, y))
        return line

    def rings(self) -> Iterator[list[Point]]:
        for geometry in self.land:
            polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
            for polygon in polygons:
                for indices in polygon:
                    ring = self.line(indices)
                    if abs(ring[-1][0] - ring[0][0]) > 180 * STEP:  # it goes round the south pole
                        ring += [(ring[-1][0], 90 * STEP), (ring[0][0], 90 * STEP)]
                    yield ring

    def borders(self) -> Iterator[list[Point]]:
        """The arcs that two countries share; one that only one has is a coast."""
        used: Counter[int] = Counter()
        for geometry in self.countries:
            used.update({index if index >= 0 else ~index for index in flat(geometry["arcs"])})
        for index, count in sorted(used.items()):
            if count > 1:
                yield self.line([index])


def flat(arcs: Any) -> Iterator[int]:
    for one in arcs:
        if isinstance(one, int):
            yield one
        else:
            yield from flat(one)


def thinned(line: list[Point]) -> list[Point]:
    """Without points that are not seen: the same as the last, or on the way straight on."""
    kept: list[Point] = []
    for x, y in line:
        if kept and kept[-1] == (x, y):
            continue
        if len(kept) > 1:
            (ax, ay), (bx, by) = kept[-2:]
            along = (bx - ax) * (x - bx) + (by - ay) * (y - by)
            if (bx - ax) * (y - by) == (by - ay) * (x - bx) and along > 0:
                kept.pop()
        kept.append((x, y))
    return kept


def path(lines: Iterable[list[Point]], closed: bool) -> str:
    """An SVG path of relative steps, each number next to the last where a sign parts them."""
    out = []
    at = (0, 0)
    for line in map(thinned, lines):
        if len(line) < (4 if closed else 2):
            continue
        if closed and line[-1] == line[0]:
            line = line[:-1]
        for number, (x, y) in enumerate(line):
            dx, dy = x - at[0], y - at[1]
            sign = "m" if number == 0 else "l" if number == 1 else "" if dx < 0 else " "
            out.append(f"{sign}{dx}{'' if dy < 0 else ' '}{dy}")
            at = (x, y)
        if closed:
            out.append("z")
            at = line[0]
    return "".join(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=f"Makes {MADE.name} from world-atlas' countries-110m.json.")
    parser.add_argument("atlas", type=Path)
    asked = parser.parse_args()
    text = asked.atlas.read_bytes()
    if hashlib.sha256(text).hexdigest() != SHA256:
        raise SystemExit(f"{asked.atlas.name} is not the one of {PACKAGE}")
    atlas = Atlas(json.loads(text))
    land, borders = path(atlas.rings(), closed=True), path(atlas.borders(), closed=False)
    MADE.write_text(
        "// Made by tools/worldmap.py from Natural Earth 1:110m (public domain). Do not edit.\n"
        "/** Ten steps to the degree: x is east, y is south. */\n"
        f'export const LAND =\n  "{land}";\n\nexport const BORDERS =\n  "{borders}";\n'
    )
    print(f"{len(land)} bytes of land, {len(borders)} of borders")


if __name__ == "__main__":
    main()
