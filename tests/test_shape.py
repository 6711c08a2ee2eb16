"""The shape of the project: imports point one way, generated files are current, errors are all listed.
Not here: behaviour."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.config import OPTIONS
from ringfence.errors import catalogue

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "ringfence"
# What each folder may import of ours, besides itself.
MAY = {
    "errors": set(),
    "types": {"errors"},
    "config": {"errors", "types"},
    "wire": {"errors", "types"},
    "beacons": {"errors", "types", "config", "wire", "_core.documents"},
    "meetings": {"errors", "types", "wire"},
    "store": {"errors", "types", "config", "_core.documents", "_core.fence", "_core.geo"} | {"_core.routelog"},
    "media": {"errors", "types", "config", "_core.fence", "_core.sfu"},
    "signalling": {"errors", "types", "config", "wire", "store", "media", "meetings", "beacons"}
    | {"_core", "_core.delivery", "_core.documents", "_core.fence"},
    "server": {"errors", "types", "config", "wire", "store", "media", "signalling", "beacons"}
    | {"__init__", "_core.documents", "_core.geo", "_core.sfu"},
    "audit": {"__init__", "errors", "types", "store", "_core.capture", "_core.documents", "_core.fence", "_core.geo"}
    | {"_core.receipt"},
    "client": {"errors", "types", "wire", "_core.member"},
    "cli": {"__init__", "errors", "types", "config", "wire", "server", "store", "beacons", "audit", "client"}
    | {"_core.documents", "_core.fence", "_core.geo", "_core.receipt", "_core.routelog"},
}


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.removeprefix("ringfence.") for name in found if name.startswith("ringfence.")}


def allowed(name: str, may: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in may) or (
        "__init__" in may and name == "__version__"
    )


@pytest.mark.parametrize("folder", sorted(MAY))
def test_imports_point_one_way(folder: str) -> None:
    inside = PACKAGE / folder
    files = sorted(inside.rglob("*.py")) if inside.is_dir() else [inside.with_suffix(".py")]
    may = (MAY[folder] | {folder}) - {"_core"}
    wrong = {
        f"{file.name}: {name}"
        for file in files
        for name in imports(file)
        if not allowed(name, may) and not (name == "_core.documents" and "_core" in MAY[folder])
    }
    assert not wrong


def test_nothing_that_serves_can_open_what_is_sealed() -> None:
    takes_part = {PACKAGE / "cli" / "join.py", *(PACKAGE / "client").rglob("*.py")}
    for file in set(PACKAGE.rglob("*.py")) - takes_part:
        assert not any(name.startswith(("_core.member", "client")) for name in imports(file)), file


def test_generated_files_are_current() -> None:
    command = [sys.executable, str(ROOT / "tools" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_code_that_is_raised_is_listed() -> None:
    raised = set()
    for folder, kinds in ((PACKAGE, "*.py"), (ROOT / "core", "*.rs")):
        for file in folder.rglob(kinds):
            if "tests" not in file.parts:
                raised |= set(re.findall(r'"(RF\d{4})"', file.read_text()))
    assert raised - catalogue().keys() == set()


def test_every_option_is_documented() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    for option in OPTIONS:
        assert f"| `--{option.name}` | `{option.variable}` |" in page, option.name
        assert option.help in page, option.name
        assert f"| {option.default} |" in page, option.name
