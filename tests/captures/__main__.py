"""`python -m captures OUT`: writes all captures, and beside them what is to be found in each.
labels.json    for each file: must, may, flows, packets, me, receipt
fence.toml, registry    what labels about the fence are decided by
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import FENCE, REGISTRY, SCENES, Capture, clean_copy, played
from .labels import Flow, Label
from .mutants import MUTATIONS, mutant


def _flow(flow: Flow) -> dict[str, Any]:
    return asdict(flow) | {"a": str(flow.a), "b": str(flow.b), "protocols": sorted(flow.protocols)}


def described(capture: Capture) -> dict[str, Any]:
    """What `labels.json` has of it."""
    known = capture.expected
    return {
        "scene": capture.base,
        "mutation": capture.mutation,
        "me": capture.me,
        "must": sorted(known.must),
        "may": sorted(known.may),
        "packets": known.packets,
        "unreadable": known.unreadable,
        "flows": None if known.flows is None else [_flow(flow) for flow in known.flows],
        "receipt": asdict(capture.receipt) if capture.receipt else None,
    }


TITLES = {
    "weak": "Each weakness alone",
    "clean": "Done well",
    "alike": "Looks like a weakness, and is none",
    "mixed": "Several at once, or beside what is done well",
}


def _names(labels: frozenset[Label]) -> str:
    return ", ".join(f"`{label.name}`" for label in sorted(labels, key=lambda label: label.name))


def tables() -> str:
    """The lists of scenes and mutations, as README.md ends with them."""
    lines = []
    for family, title in TITLES.items():
        lines += [f"### {title}", "| scene | what it is | must | may |", "| --- | --- | --- | --- |"]
        for scene in SCENES.values():
            if scene.family == family:
                known = clean_copy(played(scene.name)).expected
                lines.append(f"| `{scene.name}` | {scene.about} | {_names(known.must)} | {_names(known.may)} |")
        lines.append("")
    lines += ["## The mutations", "| mutation | what it is |", "| --- | --- |"]
    lines += [f"| `{mutation.name}` | {mutation.about} |" for mutation in MUTATIONS.values()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m captures", description="Writes labelled captures.")
    parser.add_argument(
        "out", type=Path, nargs="?", help="the folder to write to; left out: prints the tables of README.md"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes")
    parser.add_argument("--scene", action="append", choices=sorted(SCENES), help="only this one; may be given again")
    parser.add_argument("--mutation", action="append", choices=sorted(MUTATIONS), help="only this one")
    parser.add_argument("--no-mutants", action="store_true", help="the scenes as they are, and nothing else")
    options = parser.parse_args()
    if options.out is None:
        print(tables(), end="")
        return
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "fence.toml").write_text(FENCE)
    (options.out / "registry").write_text(REGISTRY)
    labels = {}
    for name in options.scene or SCENES:
        made = [] if options.mutation else [clean_copy(played(name, options.seed))]
        chosen = [] if options.no_mutants else options.mutation or MUTATIONS
        for capture in [*made, *(mutant(name, one, options.seed) for one in chosen)]:
            file = f"{capture.name}{capture.suffix}"
            (options.out / file).write_bytes(capture.data)
            labels[file] = described(capture)
    (options.out / "labels.json").write_text(json.dumps(labels, indent=1))
    print(f"{len(labels)} captures in {options.out}")


if __name__ == "__main__":
    main()
