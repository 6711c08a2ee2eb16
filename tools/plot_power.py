"""Draws docs/images/physics-power.svg from the table of docs/physics.md: `python3 tools/plot_power.py`.
Not responsible for: the numbers (core/fence/examples/power.rs prints the table, and a test compares it)."""

import re
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOC = ROOT / "docs" / "physics.md"
IMAGE = ROOT / "docs" / "images" / "physics-power.svg"
# Each panel: what its bars are of, and which of the four percentages of a row they show.
PANELS = (
    ("The lie is contradicted", "violation or asked", (0, 1)),
    ("The lie is refused", "true country not ruled out", (2,)),
    ("The honest node passes", "what it is asked to rule out is", (3,)),
)
LEFT, TOP, BAR, GAP = 170, 112, 9, 16
WIDTH, SPACE = 190, 30
# Read on white and on black; a page in dark mode shows the second set.
STYLE = """
  .paper { fill: #ffffff } .ink { fill: #1f2328 } .faint { fill: #59636e } .line { stroke: #d1d9e0 }
  .b0 { fill: #9ec5f2 } .b1 { fill: #4c8fdb } .b2 { fill: #174f91 } .b3 { fill: #d9822b }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .ink { fill: #f0f6fc } .faint { fill: #9198a1 } .line { stroke: #3d444d }
    .b0 { fill: #356ba3 } .b1 { fill: #4a90e0 } .b2 { fill: #b5d6fb } .b3 { fill: #f0a04b }
  }
  text { font: 12px system-ui, sans-serif } .title { font-size: 16px; font-weight: 600 } .head { font-weight: 600 }
  .small { font-size: 11px }
"""

Row = tuple[str, list[float | None]]


def rows(text: str) -> dict[str, list[Row]]:
    """Of each lie, who measured, with the percentages; of what is not asked, none."""
    found: dict[str, list[Row]] = {}
    line = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+ %) \| ([^|]+ %) \| ([^|]+) \| ([^|]+) \|$", re.M)
    for stated, truly, who, *figures in line.findall(text):
        figure = [None if one == "–" else float(one.removesuffix(" %")) for one in figures]
        found.setdefault(f"{stated}, truly {truly}", []).append((who, figure))
    return found


def words(x: float, y: float, text: str, kind: str = "ink", anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def legend(names: list[str]) -> list[str]:
    drawn = []
    for at, name in enumerate(names):
        x = LEFT + at * 150
        drawn.append(f'<rect x="{x}" y="39" width="12" height="12" class="b{at}"/>')
        drawn.append(words(x + 18, 49, name))
    return drawn


def panel(at: int, lies: dict[str, list[Row]], height: int) -> list[str]:
    title, subtitle, columns = PANELS[at]
    left = LEFT + at * (WIDTH + SPACE)
    drawn = [words(left, TOP - 32, title, "ink head"), words(left, TOP - 16, subtitle, "faint small")]
    for percent in (0, 25, 50, 75, 100):
        x = left + WIDTH * percent / 100
        drawn.append(f'<line x1="{x:g}" y1="{TOP - 6}" x2="{x:g}" y2="{height - 52}" class="line"/>')
        drawn.append(words(x, height - 36, f"{percent}", "faint small", "middle"))
    drawn.append(words(left + WIDTH / 2, height - 18, "of 1,000 draws, in %", "faint small", "middle"))
    y = TOP
    for measured in lies.values():
        for shade, (_, figures) in enumerate(measured):
            shown = [figures[column] for column in columns]
            known = [figure for figure in shown if figure is not None]
            if known:
                # What is nothing is a hairline, so that it is seen to be nothing.
                length = max(WIDTH * sum(known) / 100, 0.75)
                drawn.append(f'<rect x="{left}" y="{y:g}" width="{length:g}" height="{BAR}" class="b{shade}"/>')
            elif shade == 1:
                drawn.append(words(left + 4, y + BAR + 4, "same country", "faint small"))
            y += BAR + 1
        y += GAP
    return drawn


def draw(lies: dict[str, list[Row]]) -> str:
    names = [who for who, _ in next(iter(lies.values()))]
    block = len(names) * (BAR + 1)
    height = TOP + len(lies) * (block + GAP) + 56
    width = LEFT + len(PANELS) * (WIDTH + SPACE)
    drawn = [words(16, 24, "What round trips find out about a node that lies about its place", "title ink")]
    drawn += legend(names)
    for at, lie in enumerate(lies):
        stated, truly = lie.split(", truly ")
        y = TOP + at * (block + GAP) + block / 2
        drawn += [words(16, y - 2, stated, "ink head"), words(16, y + 13, f"truly {truly}", "faint")]
    for at in range(len(PANELS)):
        drawn += panel(at, lies, height)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
            f' width="{width}" height="{height}" aria-labelledby="title">',
            '<title id="title">How often a lie about a place is contradicted, how often it is refused, and how often an'
            " honest node passes, by who measures</title>",
            f"<style>{STYLE}</style>",
            f'<rect width="{width}" height="{height}" class="paper"/>',
            *drawn,
            "</svg>\n",
        ]
    )


def main() -> None:
    picture = draw(rows(DOC.read_text()))
    if "--check" in sys.argv[1:]:
        if IMAGE.read_text() != picture:
            sys.exit(f"{IMAGE.relative_to(ROOT)} is not of the table: run python3 tools/plot_power.py")
    else:
        IMAGE.write_text(picture)


if __name__ == "__main__":
    main()
