"""The closed list of errors: a stable code, what happened, why, and what to do.
Not here: deciding anything; whoever refuses names a code of this list."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


class Refusal(Exception):
    """Something was refused. `code` is in the list; `detail` says what was seen and holds no secret."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail or entry(self.code).title}"


@dataclass(frozen=True)
class Entry:
    code: str
    name: str
    title: str
    why: str
    do: str


@cache
def catalogue() -> dict[str, Entry]:
    """Every code there is, in order."""
    entries: dict[str, Entry] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            for code, words in tomllib.loads(file.read_text()).items():
                if code in entries:
                    raise ValueError(f"{code} is listed twice")
                entries[code] = Entry(code=code, **words)
    return dict(sorted(entries.items()))


def entry(code: str) -> Entry:
    """The words for a code; for one that is not listed, words that say so."""
    unlisted = Entry(code, "unlisted", "An error without a description", "The code is not in the list.", "")
    return catalogue().get(code, unlisted)


def problem(refusal: Refusal, status: int) -> dict[str, object]:
    """RFC 9457 problem details, with the stable code."""
    words = entry(refusal.code)
    return {
        "type": f"urn:ringfence:error:{words.name}",
        "title": words.title,
        "status": status,
        "detail": refusal.detail or words.why,
        "code": refusal.code,
        "do": words.do,
    }
