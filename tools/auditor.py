"""What the auditor's pages and data are made from, for `make generate`.
Not here: writing them (generate.py), or the words (src/ringfence/audit/findings.toml)."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

from ringfence.audit.catalogue import Kind, catalogue
from ringfence.audit.document import Report

ROOT = Path(__file__).resolve().parent.parent
WHERE = ROOT / "web" / "src" / "views" / "where"
MADE = "made by `make generate`: change src/ringfence/audit/findings.toml, not this"
TOWN = re.compile(r"(.+?) (-?[\d.]+) (-?[\d.]+)")


def world() -> str:
    """The page's map and the capitals of its list of towns, for reports that stand alone."""
    drawn = (WHERE / "world.generated.ts").read_text(encoding="utf-8")
    lines = {name: re.search(rf'const {name} =\s+"([^"]*)"', drawn)[1] for name in ("LAND", "BORDERS")}  # type: ignore[index]
    names = tomllib.loads((ROOT / "src/ringfence/audit/countries.toml").read_text(encoding="utf-8"))
    countries: dict[str, dict[str, object]] = {code: {"name": name} for code, name in names.items()}
    towns = (WHERE / "towns.ts").read_text(encoding="utf-8").split("`")[1]
    for line in towns.strip().splitlines():
        capital = TOWN.fullmatch(line[3:].split("; ")[0])
        if capital and line[:2] in countries:
            countries[line[:2]]["at"] = [float(capital[2]), float(capital[3])]
    made = {"land": lines["LAND"], "borders": lines["BORDERS"], "countries": countries}
    return json.dumps(made, ensure_ascii=False, indent=0, sort_keys=True) + "\n"


def schema() -> str:
    made = Report.model_json_schema(mode="serialization")
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **made}, indent=1) + "\n"


def effect(kind: Kind) -> str:
    ends = "ends with 1" if kind.weakness else "changes nothing of the exit status"
    unfit = f"not fit for {kind.unfit} talk" if kind.unfit else "rules out no kind of talk"
    return f"{ends}; {unfit}"


def index() -> str:
    lines = [
        "# What the auditor finds",
        "",
        f"({MADE}.)",
        "",
        "| finding | severity | `ringfence audit` | |",
        "| --- | --- | --- | --- |",
    ]
    for kind in catalogue().values():
        lines.append(f"| [{kind.id}](findings/{kind.id}.md) | {kind.severity} | {effect(kind)} | {kind.title} |")
    lines += [
        "",
        "What was not seen is a note: alone it is no weakness, and changes nothing of the exit status.",
        "Each occurrence says how sure it is: certain, likely or possible.",
    ]
    return "\n".join(lines) + "\n"


def page(kind: Kind) -> str:
    head = f"# {kind.title}\n\n`{kind.id}` · severity: {kind.severity} · {effect(kind)}\n\n({MADE}.)\n"
    parts = {
        "What it means": kind.means,
        "How sure it is": kind.confidence,
        "How it is detected": kind.detected,
        "When it is wrong": kind.wrong,
        "What to do": kind.do,
    }
    return head + "".join(f"\n## {title}\n\n{text}\n" for title, text in parts.items())


def files() -> dict[str, Callable[[], str]]:
    pages = {f"docs/audit/findings/{kind.id}.md": (lambda kind=kind: page(kind)) for kind in catalogue().values()}
    return {
        "src/ringfence/audit/world.json": world,
        "docs/audit/schema.json": schema,
        "docs/audit/findings.md": index,
        **pages,
    }
