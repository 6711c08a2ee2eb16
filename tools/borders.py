"""Makes core/fence/borders.bin: which cells of a grid each country touches, and which lie wholly inside it.
Not responsible for: who claims what (core/fence/claims.toml), or the distance to a cell (core/fence/src/borders.rs).

It is run by hand, and what it makes is committed:

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    pip install shapely
    python tools/borders.py package/countries-10m.json

The borders are Natural Earth 4.1.0 at 1:10m (public domain) as packed by world-atlas 2.0.2 (ISC). Sets are rounded
outward: a country's outer set has every cell that comes within MARGIN_KM of its land, its inner set only cells whose
surroundings of MARGIN_KM are all its land, and cells that have land of one country and otherwise water, and around
which no cell has land of another: no part of those is 10 km from the shore, so they are territorial sea at most. Ships,
platforms and what lies under the sea farther out are in no country here.
"""

import argparse
import hashlib
import json
import math
import tomllib
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

ROOT = Path(__file__).resolve().parent.parent
CLAIMS = ROOT / "core" / "fence" / "claims.toml"
GROUPS = ROOT / "core" / "fence" / "groups.json"
MADE = ROOT / "core" / "fence" / "borders.bin"

PACKAGE = "world-atlas 2.0.2"
SHA256 = "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79"
MAGIC = b"RFborder"
VERSION = 1
# What the generalisation to 1:10m and the packing's grid (0.4 km by 0.2 km) may have moved a border by.
MARGIN_KM = 2.0
# The shortest degree of a meridian, and of the equator's parallel; on WGS84 none is shorter.
MERIDIAN_KM = 110.57
PARALLEL_KM = 111.31
# The squares that land is first looked for in, in cells; each is cut into 15, 5 and 1.
LARGEST = 60
# How many coming transitions of the row above are looked at for one with the same label; the reader does the same.
LOOK = 12

NUMERIC = """
4AF 8AL 10AQ 12DZ 16AS 20AD 24AO 28AG 31AZ 32AR 36AU 40AT 44BS 48BH 50BD 51AM 52BB 56BE 60BM 64BT 68BO 70BA 72BW 74BV
76BR 84BZ 86IO 90SB 92VG 96BN 100BG 104MM 108BI 112BY 116KH 120CM 124CA 132CV 136KY 140CF 144LK 148TD 152CL 156CN 158TW
162CX 166CC 170CO 174KM 175YT 178CG 180CD 184CK 188CR 191HR 192CU 196CY 203CZ 204BJ 208DK 212DM 214DO 218EC 222SV 226GQ
231ET 232ER 233EE 234FO 238FK 239GS 242FJ 246FI 248AX 250FR 254GF 258PF 260TF 262DJ 266GA 268GE 270GM 275PS 276DE 288GH
292GI 296KI 300GR 304GL 308GD 312GP 316GU 320GT 324GN 328GY 332HT 334HM 336VA 340HN 344HK 348HU 352IS 356IN 360ID 364IR
368IQ 372IE 376IL 380IT 384CI 388JM 392JP 398KZ 400JO 404KE 408KP 410KR 414KW 417KG 418LA 422LB 426LS 428LV 430LR 434LY
438LI 440LT 442LU 446MO 450MG 454MW 458MY 462MV 466ML 470MT 474MQ 478MR 480MU 484MX 492MC 496MN 498MD 499ME 500MS 504MA
508MZ 512OM 516NA 520NR 524NP 528NL 531CW 533AW 534SX 535BQ 540NC 548VU 554NZ 558NI 562NE 566NG 570NU 574NF 578NO 580MP
581UM 583FM 584MH 585PW 586PK 591PA 598PG 600PY 604PE 608PH 612PN 616PL 620PT 624GW 626TL 630PR 634QA 638RE 642RO 643RU
646RW 652BL 654SH 659KN 660AI 662LC 663MF 666PM 670VC 674SM 678ST 682SA 686SN 688RS 690SC 694SL 702SG 703SK 704VN 705SI
706SO 710ZA 716ZW 724ES 728SS 729SD 732EH 740SR 744SJ 748SZ 752SE 756CH 760SY 762TJ 764TH 768TG 772TK 776TO 780TT 784AE
788TN 792TR 795TM 796TC 798TV 800UG 804UA 807MK 818EG 826GB 831GG 832JE 833IM 834TZ 840US 850VI 854BF 858UY 860UZ 862VE
876WF 882WS 887YE 894ZM
"""

Land = Any  # a shapely geometry
Cells = np.ndarray[Any, np.dtype[np.int64]]  # row * columns + column, sorted; row 0 is the southernmost

NONE: Cells = np.empty(0, np.int64)


def united(sets: Iterable[Cells]) -> Cells:
    """As numpy.unique does, which hashes and is a hundred times slower on numbers so regular."""
    cells = np.sort(np.concatenate([NONE, *sets]))
    return cells[np.diff(cells, prepend=-1) != 0]


def codes_by_number() -> dict[int, str]:
    return {int(entry[:-2]): entry[-2:] for entry in NUMERIC.split()}


def world() -> list[str]:
    return sorted(json.loads(GROUPS.read_text())["world@2026-01"]["countries"].split())


class Atlas:
    """The features of a TopoJSON file, each as polygons on the plane of longitude and latitude."""

    def __init__(self, topology: dict[str, Any]) -> None:
        scale, move = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
        self.arcs = [np.cumsum(np.array(arc), axis=0) * scale + move for arc in topology["arcs"]]
        self.features = topology["objects"]["countries"]["geometries"]

    def ring(self, indices: list[int]) -> np.ndarray[Any, Any]:
        """The points of a ring; it may leave -180..180, so that no edge jumps."""
        arcs = [self.arcs[i] if i >= 0 else self.arcs[~i][::-1] for i in indices]
        points = np.concatenate([arcs[0], *(arc[1:] for arc in arcs[1:])])
        # Rounded to a tenth of a millimetre, so that both sides of the antimeridian have the same.
        longitudes = np.unwrap(points[:, 0], period=360)
        points = np.round(np.column_stack([longitudes, points[:, 1]]), 9)
        if abs(points[-1, 0] - points[0, 0]) > 180:  # it goes round the south pole
            tail = [[points[-1, 0], -90.0], [points[0, 0], -90.0], points[0]]
            points = np.concatenate([points, tail])
        return points

    def land(self, feature: dict[str, Any]) -> list[Land]:
        parts = feature["arcs"] if feature["type"] == "MultiPolygon" else [feature["arcs"]]
        polygons = []
        for outer, *holes in parts:
            shore, *lakes = (self.ring(ring) for ring in (outer, *holes))
            if len(shore) < 4:  # so small that the packing has left a line or a point of it
                polygons.append(shapely.MultiPoint(shore).convex_hull)
            else:
                polygons.append(shapely.Polygon(shore, [lake for lake in lakes if len(lake) >= 4]))
        return polygons


def joined(parts: Iterable[Land]) -> Land:
    """One geometry, with copies on either side of what comes near the antimeridian."""
    copies = []
    for part in map(shapely.make_valid, parts):
        west, _, east, _ = part.bounds
        shifts = [0.0, *([360.0] if west < -175 else []), *([-360.0] if east > 175 else [])]
        copies += [shapely.transform(part, lambda at, by=shift: at + np.array([by, 0.0])) for shift in shifts]
    return shapely.union_all(copies)


@dataclass(frozen=True)
class Grid:
    per_degree: int

    @property
    def rows(self) -> int:
        return 180 * self.per_degree

    @property
    def columns(self) -> int:
        return 360 * self.per_degree

    def around(self, row: Cells, column: Cells, size: int) -> Any:
        """Squares of cells with the margin about them, as boxes."""
        step = 1 / self.per_degree
        south, west = row * step - 90, column * step - 180
        north, east = south + size * step, west + size * step
        up = MARGIN_KM / MERIDIAN_KM
        south, north = np.maximum(south - up, -90), np.minimum(north + up, 90)
        narrow = np.cos(np.deg2rad(np.minimum(np.maximum(abs(south), abs(north)), 89.99)))
        side = np.minimum(MARGIN_KM / (PARALLEL_KM * narrow), 179)
        return shapely.box(west - side, south, east + side, north)

    def cells(self, land: Land) -> tuple[Cells, Cells]:
        """Which cells come within the margin of the land, and which are inside it with the margin about them."""
        touched: list[Cells] = []
        inside: list[Cells] = []
        for part in shapely.get_parts(land):
            shapely.prepare(part)
            size = LARGEST
            west, south, east, north = part.bounds
            reach = 2 + int(
                self.per_degree
                * MARGIN_KM
                / MERIDIAN_KM
                / max(math.cos(math.radians(max(abs(south), abs(north)))), 0.002)
            )
            first = max(int((west + 180) * self.per_degree) - reach, 0) // size * size
            last = min(int((east + 180) * self.per_degree) + reach, self.columns - 1)
            low = max(int((south + 90) * self.per_degree) - 2, 0) // size * size
            high = min(int((north + 90) * self.per_degree) + 2, self.rows - 1)
            row, column = (
                axis.ravel() for axis in np.meshgrid(np.arange(low, high + 1, size), np.arange(first, last + 1, size))
            )
            for step in (15, 5, 1, 0):
                squares = self.around(row, column, size)
                near = shapely.intersects(part, squares)
                row, column, squares = row[near], column[near], squares[near]
                whole = shapely.contains_properly(part, squares)
                inside.append(self.filled(row[whole], column[whole], size))
                row, column = row[~whole], column[~whole]
                if size == 1:
                    touched.append(self.filled(row, column, 1))
                    break
                offsets = np.arange(0, size, step)
                row = (row[:, None, None] + offsets[:, None] + 0 * offsets).ravel()
                column = (column[:, None, None] + offsets + 0 * offsets[:, None]).ravel()
                size = step
        full = united(inside)
        return united([*touched, full]), full

    def filled(self, row: Cells, column: Cells, size: int) -> Cells:
        offsets = np.arange(size)
        rows = row[:, None, None] + offsets[:, None] + 0 * offsets
        columns = column[:, None, None] + offsets + 0 * offsets[:, None]
        on = (rows < self.rows) & (columns < self.columns)
        return (rows * self.columns + columns)[on].ravel()


@dataclass(frozen=True)
class Area:
    """Land that several claim, or that one has and the data does not: it counts for each of `claimants`."""

    claimants: tuple[str, ...]
    land: Land


def boxes(entry: dict[str, Any]) -> list[Land]:
    return [shapely.box(*box) for box in entry["boxes"]]


def sorted_out(atlas: Atlas, claims: dict[str, Any]) -> tuple[dict[str, Land], list[Area], list[Area]]:
    """The land of each code, the disputed areas, and the islands."""
    numbers = codes_by_number()
    parts: dict[str, list[Land]] = defaultdict(list)
    named = {entry["name"]: entry for entry in claims["feature"]}
    disputed = []
    for feature in atlas.features:
        name, polygons = feature["properties"]["name"], atlas.land(feature)
        if name in named:
            entry = named.pop(name)
            parts[entry["land"]] += polygons
            if "claimants" in entry:
                disputed.append(Area(tuple(entry["claimants"].split()), joined(polygons)))
        elif "id" in feature:
            parts[numbers[int(feature["id"])]] += polygons
        else:
            parts[name] += polygons
    if named:
        raise SystemExit(f"the data has no {', '.join(named)}")

    for entry in claims["parts"]:
        where = shapely.union_all(boxes(entry))
        for polygon in [*parts[entry["of"]]]:
            if shapely.intersects(where, polygon):
                parts[entry["of"]].remove(polygon)
                parts[entry["code"]].append(polygon)
        if not parts[entry["code"]]:
            raise SystemExit(f"nothing of {entry['of']} is in the boxes of {entry['code']}")
    left = {name for name in parts if len(name) != 2 and parts[name]}
    if left:
        raise SystemExit(f"claims.toml does not say whose land this is: {', '.join(left)}")
    lands = {code: joined(polygons) for code, polygons in parts.items() if polygons}

    for entry in claims["whole"]:
        disputed.append(Area(tuple(entry["claimants"].split()), lands[entry["code"]]))
    for entry in claims["area"]:
        claimants = tuple(entry["claimants"].split())
        land = shapely.union_all(boxes(entry))
        if not entry.get("sea", False):
            owners = entry.get("land", entry["claimants"]).split()
            land = shapely.intersection(land, shapely.union_all([lands[code] for code in owners if code in lands]))
            if shapely.is_empty(land):
                raise SystemExit(f"no land of {owners} is in the boxes of {entry['name']}")
        disputed.append(Area(claimants, land))
    islands = [Area((entry["code"],), shapely.union_all(boxes(entry))) for entry in claims["islands"]]
    return lands, disputed, islands


def alone(grid: Grid, touched: dict[str, Cells]) -> dict[str, Cells]:
    """The cells with land of one country, around which no cell has land of another."""
    owner = np.zeros(grid.rows * grid.columns, np.int16)
    several = len(touched) + 1
    for number, cells in enumerate(touched.values(), 1):
        owner[cells] = np.where(owner[cells] == 0, number, several)
    sheet = np.pad(owner.reshape(grid.rows, grid.columns), ((1, 1), (0, 0)))
    around = [np.roll(sheet, (up, over), (0, 1))[1:-1].ravel() for up in (-1, 0, 1) for over in (-1, 0, 1)]
    most = np.maximum.reduce(around)
    least = np.minimum.reduce([np.where(one == 0, several, one) for one in around])
    lone = (owner == most) & (owner == least)
    return {code: cells[lone[cells] & (owner[cells] != several)] for code, cells in touched.items()}


def drawn(grid: Grid, atlas: Atlas, claims: dict[str, Any]) -> tuple[dict[str, Cells], dict[str, Cells]]:
    """The outer and the inner set of each code."""
    lands, disputed, islands = sorted_out(atlas, claims)
    outer: dict[str, Cells] = {}
    inner: dict[str, Cells] = {}
    for code, land in lands.items():
        outer[code], inner[code] = grid.cells(land)
    inner = {code: united([inner[code], cells]) for code, cells in alone(grid, outer).items()}
    # An enclave may have been lost from the land around it, but not from the data.
    everybodys, count = np.unique(np.concatenate(list(outer.values())), return_counts=True)
    doubtful = [everybodys[count > 1]]
    for area in disputed:
        touched, _ = grid.cells(area.land)
        doubtful.append(touched)
        for code in area.claimants:
            outer[code] = united([outer[code], touched])
    for area in islands:
        touched, _ = grid.cells(area.land)
        for code in area.claimants:
            outer[code] = united([outer.get(code, NONE), touched])
    nobodys = united(doubtful)
    inner = {code: np.setdiff1d(cells, nobodys, assume_unique=True) for code, cells in inner.items()}
    for state, territories in claims["states"].items():
        for code in territories.split():
            outer[state] = united([outer[state], outer[code]])
    missing = [code for code in world() if not len(outer.get(code, NONE))]
    if missing:
        raise SystemExit(f"no land for {', '.join(missing)}: a country without any would be ruled out by everything")
    twice = [cell for cell, count in Counter(np.concatenate(list(inner.values())).tolist()).items() if count > 1]
    if twice:
        raise SystemExit(f"{len(twice)} cells are inside two countries")
    return outer, inner


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def labelled(grid: Grid, outer: dict[str, Cells], inner: dict[str, Cells]) -> tuple[list[tuple[Any, ...]], Any]:
    """For each cell the number of a label; and what the labels say: (code inside or "", codes outside and inside)."""
    codes = sorted(outer)
    labels: list[tuple[Any, ...]] = [("", ())]
    number = {labels[0]: 0}
    sheet = np.zeros(grid.rows * grid.columns, np.int64)
    # Country after country each old label splits in two: with the country, or without it.
    for code in codes:
        for kind, cells in ((1, outer[code]), (0, inner.get(code, NONE))):
            old = sheet[cells]
            for label in united([old]).tolist():
                inside, outside = labels[label]
                new = (inside, (*outside, code)) if kind else (code, outside)
                if new not in number:
                    number[new] = len(labels)
                    labels.append(new)
                sheet[cells[old == label]] = number[new]
    return labels, sheet.reshape(grid.rows, grid.columns)


def transitions(row: Any) -> Iterator[tuple[int, int]]:
    """Where a row's label changes, and to which; before its first cell it is label 0, the sea."""
    changes = np.flatnonzero(np.diff(row, prepend=0))
    return zip(changes.tolist(), row[changes].tolist(), strict=True)


def encode(grid: Grid, outer: dict[str, Cells], inner: dict[str, Cells]) -> bytes:
    """The file: head, codes, labels, and three streams (how many transitions each row has, to which labels, where).

    A label follows another as a rank: the labels that have followed it so far, latest first; a new one is the number
    of those, and then its number. A place is told as the difference to the first coming transition to the same label in
    the row above, or to the last transition if there is none.
    """
    labels, sheet = labelled(grid, outer, inner)
    used = Counter(sheet[np.diff(sheet, axis=1, prepend=0) != 0].tolist())
    used[0] = 1 << 60
    order = [label for label, _ in used.most_common()]
    place = {label: at for at, label in enumerate(order)}
    codes = sorted(outer)

    table = bytearray()
    for label in order:
        inside, outside = labels[label]
        table += varint(len(outside))
        last = -1
        for code in outside:
            table += varint(codes.index(code) - last - 1)
            last = codes.index(code)
        table += varint(outside.index(inside) + 1 if inside else 0)

    counts, kinds, places = bytearray(), bytearray(), bytearray()
    followers: dict[int, list[int]] = defaultdict(list)
    above: list[tuple[int, int]] = []
    for row in sheet:
        current = [(at, place[label]) for at, label in transitions(row)]
        counts += varint(len(current))
        before, position, pointer = 0, 0, 0
        for at, label in current:
            known = followers[before]
            if label in known:
                kinds += varint(known.index(label))
                known.remove(label)
            else:
                kinds += varint(len(known)) + varint(label)
            known.insert(0, label)
            while pointer < len(above) and above[pointer][0] < position - 3:
                pointer += 1
            guess = next((x for x, same in above[pointer : pointer + LOOK] if same == label), position)
            places += varint(zigzag(at - guess))
            before, position = label, at
        above = current

    head = MAGIC + bytes([VERSION, grid.per_degree]) + len(codes).to_bytes(2, "big") + len(order).to_bytes(2, "big")
    sizes = b"".join(len(part).to_bytes(4, "big") for part in (table, counts, kinds, places))
    return head + bytes.fromhex(SHA256) + sizes + "".join(codes).encode() + bytes(table + counts + kinds + places)


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes core/fence/borders.bin from world-atlas' countries-10m.json.")
    parser.add_argument("atlas", type=Path)
    parser.add_argument("--per-degree", type=int, default=20, help="cells per degree (20)")
    parser.add_argument("--to", type=Path, default=MADE)
    asked = parser.parse_args()

    text = asked.atlas.read_bytes()
    if hashlib.sha256(text).hexdigest() != SHA256:
        raise SystemExit(f"{asked.atlas.name} is not the one of {PACKAGE}")
    grid = Grid(asked.per_degree)
    outer, inner = drawn(grid, Atlas(json.loads(text)), tomllib.loads(CLAIMS.read_text()))
    made = encode(grid, outer, inner)
    asked.to.write_bytes(made)
    # Who gets the file from elsewhere knows by this that it is the one.
    asked.to.with_suffix(".sha256").write_text(hashlib.sha256(made).hexdigest())
    print(f"{len(made)} bytes, {len(zlib.compress(made, 9))} with zlib; {len(outer)} codes")


if __name__ == "__main__":
    main()
