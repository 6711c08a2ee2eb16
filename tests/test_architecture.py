"""What ARCHITECTURE.md says about the code is true of the code."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "ringfence"
# What a package of the server may import of ours; types, errors and config are everybody's.
ALLOWED = {
    "wire": {"wire"},
    "store": {"store"},
    "beacons": {"beacons", "wire"},
    "meetings": {"meetings", "wire"},
    "media": {"media"},
    "signalling": {"signalling", "meetings", "media", "beacons", "store", "wire"},
    "audit": {"audit", "store"},
    "client": {"client", "wire"},
    "server": {"server", "signalling", "meetings", "media", "beacons", "store", "wire"},
}


def table() -> list[tuple[str, Path]]:
    rows = re.findall(r"^\| (where|how) ([^|]+) \| `([^`]+)` \|$", (ROOT / "ARCHITECTURE.md").read_text(), re.M)
    return [(f"{word} {rest}", ROOT / path) for word, rest, path in rows]


def test_the_table_answers_the_four_questions():
    asked = " ".join(question for question, _ in table())
    assert len(table()) == 4
    assert all(word in asked for word in ("packet", "key", "fence", "admitted"))


@pytest.mark.parametrize(("question", "path"), table(), ids=lambda value: str(value))
def test_each_answer_is_one_file_that_is_read_at_one_sitting(question: str, path: Path):
    assert path.is_file(), question
    code = path.read_text().split("#[cfg(test)]")[0]
    assert len(code.splitlines()) <= 210, f"{path.name} has grown too long to read at one sitting"


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("ringfence.")}


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_imports_point_one_way(package: str):
    for file in (SOURCE / package).rglob("*.py"):
        ours = {name.split(".")[1] for name in imports(file)} & (ALLOWED.keys() | {"cli", "client", "audit"})
        assert ours <= ALLOWED[package], f"{file.relative_to(ROOT)} imports {ours - ALLOWED[package]}"


def test_the_server_cannot_reach_what_opens_sealed_things():
    takes_part = {SOURCE / "cli" / "join.py", *(SOURCE / "client").rglob("*.py")}
    for file in set(SOURCE.rglob("*.py")) - takes_part:
        reached = {name for name in imports(file) if name.startswith(("ringfence._core.member", "ringfence.client"))}
        assert not reached, file.relative_to(ROOT)


def test_countries_are_compared_in_one_place():
    """Outside the fence's crate nothing looks at a country's value."""
    for file in SOURCE.rglob("*.py"):
        assert not re.search(r"country\s*(==|!=|in\b)", file.read_text()), file.relative_to(ROOT)
