"""What a browser downloads before a meeting: every script and the core, as files and as they are sent.
Not here: how they are made smaller (tools/wasm.py, web/scripts/compress.mjs)."""

from pathlib import Path

from bench.figures import Figure

ASSETS = Path(__file__).resolve().parent.parent / "web" / "dist" / "assets"
# In kB of 1000 bytes, as sent and as files: the first are the promise, the second keep parsing short.
BUDGETS = {".js": (250, 750), ".wasm": (450, 1500)}
WORDS = {".js": "scripts", ".wasm": "the core"}


def size(pattern: str) -> float:
    found = list(ASSETS.glob(pattern))
    if not found:
        raise FileNotFoundError(f"no {pattern} in {ASSETS}: build the pages first")
    return sum(path.stat().st_size for path in found) / 1000


def figures() -> list[Figure]:
    all_ = []
    for suffix, (sent, whole) in BUDGETS.items():
        all_ += [
            Figure(f"{WORDS[suffix]}, as sent (Brotli)", size(f"*{suffix}.br"), "kB", sent),
            Figure(f"{WORDS[suffix]}, as files", size(f"*{suffix}"), "kB", whole),
        ]
    return [*all_, Figure("styles, as sent (Brotli)", size("*.css.br"), "kB"), Figure("fonts", size("*.woff2"), "kB")]
