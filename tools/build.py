"""Brings this clone to where the server can start: each step once, again only when what it is made from changed.
Not responsible for: system packages (it names the missing ones), or the WebAssembly module's build (tools/wasm.py)."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import wasm

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / ".build" / "stamps"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WEB = ROOT / "web"
MODULE = wasm.file_of(wasm.MODULES[-1])
MANIFESTS = (
    "Cargo.toml",
    "Cargo.lock",
    "core/**/*.toml",
    "core/**/*.rs",
    "core/fence/groups.json",
    "core/fence/borders.*",
    "core/call/src/pattern/*",
)
STARTED = time.monotonic()

# command, the lowest version that works, and how to install it
NEEDED = (
    ("cargo", (1, 91), "curl https://sh.rustup.rs -sSf | sh   (Rust 1.91 or newer)"),
    ("node", (20, 19), "apt-get install nodejs npm   (Node 20.19 or newer)"),
    ("npm", (9, 0), "apt-get install npm"),
    ("cc", (0, 0), "apt-get install build-essential"),
)


def say(text: str) -> None:
    print(f"[{time.monotonic() - STARTED:5.0f} s] {text}", flush=True)


def version_of(command: str) -> tuple[int, ...]:
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=False).stdout
    number = next((word for word in said.replace("v", " ").split() if word[0].isdigit()), "0")
    return tuple(int(part) for part in number.split(".")[:2] if part.isdigit())


def check_tools() -> None:
    """One line for the first tool that is missing, with the command that installs it."""
    if sys.version_info < (3, 11):  # noqa: UP036  this file runs before anything is installed
        sys.exit("Python 3.11 or newer is missing. Install it with: apt-get install python3")
    for command, lowest, install in NEEDED:
        if shutil.which(command) is None:
            sys.exit(f"{command} is missing. Install it with: {install}")
        if any(lowest) and version_of(command) < lowest:
            sys.exit(f"{command} is older than {'.'.join(map(str, lowest))}. Install it with: {install}")


def files(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file())


def digest(paths: Iterable[Path], *more: str) -> str:
    total = hashlib.sha256("\0".join(more).encode())
    for path in paths:
        total.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def step(name: str, what: str, made_from: Iterable[Path], result: Path, *commands: list[str], cwd: Path = ROOT) -> None:
    """Runs the commands unless `result` is there for these very inputs."""
    stamp = STAMPS / name
    now = digest(made_from, *(" ".join(command) for command in commands))
    if result.exists() and stamp.exists() and stamp.read_text() == now:
        return
    say(what)
    stamp.unlink(missing_ok=True)
    for command in commands:
        if subprocess.run(command, cwd=cwd, env=environment(), check=False).returncode:
            sys.exit(f"This step failed: {' '.join(command)}")
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(now)


def environment() -> dict[str, str]:
    """For builds: the project's own virtual environment, and no prompts."""
    return dict(os.environ, VIRTUAL_ENV=str(VENV), PIP_DISABLE_PIP_VERSION_CHECK="1", NO_UPDATE_NOTIFIER="1")


def python(develop: bool) -> None:
    """The environment with its packages, the native core, and the command."""
    listed = "requirements-dev.txt" if develop or (STAMPS / "python-dev").exists() else "requirements.txt"
    kind = "python-dev" if listed == "requirements-dev.txt" else "python"
    if not PYTHON.exists():  # whichever Python runs this: an environment that is there stays
        for inside in ("python", "python-dev", "editable"):
            (STAMPS / inside).unlink(missing_ok=True)
        step("venv", "Making .venv", [], PYTHON, [sys.executable, "-m", "venv", str(VENV)])
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--require-hashes", "-r", listed]
    step(kind, "Installing the Python packages", [ROOT / listed], PYTHON, pip)
    maturin = [str(VENV / "bin" / "maturin"), "develop", "--release", "-q", "--skip-install"]
    step(
        "core",
        "Building the core (some minutes the first time)",
        files(*MANIFESTS),
        ROOT / "src" / "ringfence" / "_core.abi3.so",
        maturin,
    )
    link = [str(PYTHON), str(ROOT / "tools" / "editable.py")]
    step(
        "editable",
        "Linking the ringfence command",
        files("pyproject.toml", "tools/editable.py"),
        VENV / "lib",
        link,
    )


def browser_packages() -> None:
    npm = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    step(
        "npm",
        "Installing the browser's packages",
        files("web/package-lock.json"),
        WEB / "node_modules",
        npm,
        cwd=WEB,
    )


def browser_core() -> None:
    step(
        "wasm",
        "Building the browser's core (some minutes the first time)",
        files(*MANIFESTS, "tools/wasm.py"),
        MODULE,
        [sys.executable, str(ROOT / "tools" / "wasm.py")],
    )


def pages() -> None:
    sources = files(
        "web/src/**/*", "web/public/**/*", "web/scripts/compress.mjs", "web/*.html", "web/*.ts", "web/*.json"
    )
    step(
        "web",
        "Building the pages",
        sources,
        WEB / "dist" / "index.html",
        ["npm", "run", "-s", "build"],
        cwd=WEB,
    )


def side_by_side(*parts: Callable[[], None]) -> None:
    """All of them to their ends, whatever becomes of the others: what was built need not be built again."""
    with ThreadPoolExecutor(len(parts)) as pool:
        running = [pool.submit(part) for part in parts]
    if failed := [str(error) for one in running if (error := one.exception())]:
        sys.exit("\n".join(failed))


def build(*, develop: bool) -> None:
    check_tools()
    if not MODULE.exists():
        wasm.check()  # before minutes have gone into the rest
    # Each has a stretch that keeps one processor busy and no more, and its own folder to build in.
    side_by_side(partial(python, develop), browser_packages, browser_core)
    pages()


if __name__ == "__main__":
    build(develop="--develop" in sys.argv)
