"""`make bench`: every figure, beside its budget or baseline. Exits with 1 when a budget is passed.
Not here: what the figures mean (docs/bench.md)."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

# They use the people of tests/.
from bench import audit, core, forward, headless, idle, joins, joinstorm, load, memory, rejoins, weight  # noqa: E402
from bench.figures import Figure, table  # noqa: E402

Group = dict[str, list[Figure]]
PARTS: dict[str, Callable[[], Group]] = {
    "weight": lambda: {"What a browser downloads": weight.figures()},
    "core": core.figures,
    "audit": lambda: {"The auditor": audit.figures()},
    "forward": lambda: {"Forwarding": forward.figures()},
    "load": lambda: {"Under load": load.figures()},
    "idle": lambda: {"Silent rooms": idle.figures()},
    "joinstorm": lambda: {"Many at once": joinstorm.figures()},
    "memory": lambda: {"The server's memory": memory.figures()},
    "headless": lambda: {"Headless participants": headless.figures()},
    "joins": lambda: {"Joining": joins.figures()},
    "rejoins": lambda: {"Coming back": rejoins.figures()},
}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all of them if left out")
    asked = arguments.parse_args().parts
    if unknown := set(asked) - PARTS.keys():
        arguments.error(f"there is no {', '.join(sorted(unknown))}")
    found: Group = {}
    for part in asked or PARTS:
        for title, figures in PARTS[part]().items():
            found[title] = figures
            print(table(title, figures), flush=True)
    kept = ROOT / ".build" / "bench.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(
        json.dumps({title: [asdict(figure) for figure in group] for title, group in found.items()}, indent=1)
    )
    over = [figure.name for group in found.values() for figure in group if not figure.kept]
    sys.exit(f"\nOver budget: {', '.join(over)}" if over else 0)


if __name__ == "__main__":
    main()
