"""Builds core/wasm and core/wasm-home for the browser and writes web/src/e2ee/pkg, unless it is there for these very
sources; with --bench, core/bench for node, and with --agreement, tests/agreement.
Not responsible for: the page that uses it (web/), or fetching compilers (it says which to install)."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = "wasm32-unknown-unknown"
BUILD = ROOT / ".build" / "wasm"
PACKAGE = ROOT / "web" / "src" / "e2ee" / "pkg"
# What is built for node: the crate, and where.
FOR_NODE = {
    "--bench": ("ringfence-bench", ROOT / ".build" / "bench"),
    "--agreement": ("ringfence-agreement", ROOT / ".build" / "agreement"),
}
# What takes part in meetings, and what the home page asks.
MODULES = ("ringfence-wasm", "ringfence-wasm-home")
# Where the borders of countries are: fetched on its own, once somebody is in.
BORDERS = ROOT / "core" / "fence" / "borders.bin"
STAMP = PACKAGE / ".sources"
KINDS = (".rs", ".toml", ".json", ".bin", ".sha256")
# The crates that end up in the modules; `xtask` writes their bindings.
CRATES = ("signed", "fence", "routelog", "geo", "receipt", "charter", "e2ee", "wasm", "wasm-home", "xtask")
# Debian's compiler comes with the sources of its standard library (rustc-web, rust-web-src).
DEBIAN_RUSTC = Path(os.environ.get("RINGFENCE_STD_RUSTC", "/usr/bin/rustc"))
MISSING = (
    f"The standard library for {TARGET} is missing. Install it with: rustup target add {TARGET}"
    "   (on Debian also: apt-get install rustc-web rust-web-src)"
)


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def sources_digest() -> str:
    """Of everything that the modules are made from, so that an unchanged tree builds nothing."""
    digest = hashlib.sha256()
    files = [ROOT / "Cargo.toml", ROOT / "Cargo.lock", Path(__file__)]
    for crate in CRATES:
        folder = ROOT / "core" / crate
        files += [folder / "Cargo.toml"]
        files += sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in KINDS)
    for file in files:
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def has_std(rustc: str) -> bool:
    libraries = Path(output(rustc, "--print", "sysroot"), "lib/rustlib", TARGET, "lib")
    return any(libraries.glob("libstd-*.rlib"))


def has_std_sources(rustc: str) -> bool:
    library = Path(output(rustc, "--print", "sysroot"), "lib/rustlib/src/rust/library")
    return (library / "std" / "Cargo.toml").exists()


def check() -> None:
    """Ends with one line when nothing here can compile for the browser."""
    from_sources = DEBIAN_RUSTC.exists() and has_std_sources(str(DEBIAN_RUSTC))
    if not from_sources and not has_std("rustc"):
        sys.exit(MISSING)


def bundled_linker() -> Path:
    """rust-lld under the name by which it links WebAssembly."""
    toolchain = Path(output("rustc", "--print", "sysroot"), "lib/rustlib")
    found = sorted(toolchain.glob("*/bin/rust-lld"))
    linker = str(found[0]) if found else shutil.which("wasm-ld") or shutil.which("lld")
    if linker is None:
        sys.exit("No linker for WebAssembly: install Debian's lld (apt-get install lld).")
    link = BUILD / "bin" / "wasm-ld"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(linker)
    return link


def file_of(crate: str) -> Path:
    return PACKAGE / f"{crate.replace('-', '_')}_bg.wasm"


def compile_module(crate: str) -> Path:
    command = ["cargo", "build", "--lib", "-p", crate, "--profile", "wasm", "--target", TARGET]
    command += ["--locked"] if os.environ.get("CI") else []
    environment = dict(os.environ, CARGO_TARGET_DIR=str(BUILD))
    if not has_std("rustc"):
        linker = f'target.{TARGET}.linker="{bundled_linker()}"'
        command += ["-Zbuild-std=std,panic_abort", "--config", linker]
        # With its sources at hand the standard library is built small too, without the words of panics: in a page
        # nobody reads them, and a trap stops the participant as well as an abort.
        command += ["-Zbuild-std-features=optimize_for_size", "-Zpanic-immediate-abort"]
        command += ["--config", 'profile.wasm.panic="immediate-abort"']
        # Nor what `Debug` would say: no word that a person reads is made by it.
        command += ["--config", f'target.{TARGET}.rustflags=["-Zfmt-debug=none"]']
        environment |= {"RUSTC": str(DEBIAN_RUSTC), "RUSTC_BOOTSTRAP": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return BUILD / TARGET / "wasm" / f"{crate.replace('-', '_')}.wasm"


def bind(module: Path, folder: Path, *kind: str) -> None:
    """Bindings are written by a program of the host, built where nothing waits for it, and as quickly as can be."""
    command = ["cargo", "run", "-q", "-p", "xtask", "--", str(module), str(folder), *kind]
    subprocess.run(command, cwd=ROOT, env=dict(os.environ, CARGO_TARGET_DIR=str(BUILD)), check=True)


def main() -> None:
    for option in sys.argv[1:]:
        # Built exactly as what people download.
        crate, folder = FOR_NODE[option]
        bind(compile_module(crate), folder, "node")
        return
    digest = sources_digest()
    made = [file_of(crate) for crate in MODULES]
    if STAMP.exists() and STAMP.read_text() == digest and all(file.exists() for file in made):
        print("The WebAssembly modules are up to date.")
        return
    check()
    print("Building the WebAssembly modules (some minutes the first time).", flush=True)
    for crate in MODULES:
        bind(compile_module(crate), PACKAGE)
    shutil.copy(BORDERS, PACKAGE)
    STAMP.write_text(digest)
    for file in made:
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
