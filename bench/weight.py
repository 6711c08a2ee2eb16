"""What a browser downloads: every script and the core, as files and as they are sent; and what comes later.
Not here: how they are made smaller (tools/wasm.py, web/scripts/compress.mjs)."""

from pathlib import Path

from bench.figures import Figure

ASSETS = Path(__file__).resolve().parent.parent / "web" / "dist" / "assets"
# In kB of 1000 bytes, as sent and as files: the first are the promise, the second keep parsing short.
BUDGETS = {
    "scripts": ("*.js", 250, 750),
    "the core": ("ringfence_wasm_bg-*.wasm", 450, 1500),
    # Nobody waits for these on the way into a meeting.
    "the home page's core": ("ringfence_wasm_home_bg-*.wasm", 250, 1000),
    "the borders of countries": ("borders-*.bin", 300, 500),
}


def size(pattern: str) -> float:
    found = list(ASSETS.glob(pattern))
    if not found:
        raise FileNotFoundError(f"no {pattern} in {ASSETS}: build the pages first")
    return sum(path.stat().st_size for path in found) / 1000


def figures() -> list[Figure]:
    all_ = []
    for name, (pattern, sent, whole) in BUDGETS.items():
        all_ += [
            Figure(f"{name}, as sent (Brotli)", size(f"{pattern}.br"), "kB", sent),
            Figure(f"{name}, as files", size(pattern), "kB", whole),
        ]
    return [*all_, Figure("styles, as sent (Brotli)", size("*.css.br"), "kB"), Figure("fonts", size("*.woff2"), "kB")]
