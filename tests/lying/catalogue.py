"""The names of the errors that a page may show, from the product's own closed list.
Which lie deserves which name was written down from their meaning, before the tests were run."""

import tomllib
from functools import cache
from pathlib import Path

ERRORS = Path(__file__).parents[2] / "src/ringfence/errors"


@cache
def _codes() -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {}
    for file in ERRORS.glob("*.toml"):
        for code, error in tomllib.loads(file.read_text()).items():
            codes.setdefault(error["name"], set()).add(code)
    return codes


def codes_of(names: str) -> set[str]:
    """The codes that go by any of these names: `a | b` where two would be right."""
    return set().union(*(_codes()[name.strip()] for name in names.split("|")))
