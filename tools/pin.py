"""Pins the Python packages, with hashes, from what pyproject.toml asks for: `make pin`.
Not responsible for: installing them (tools/build.py)."""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / ".build" / "pip-tools"
# Neither the index nor a mirror of it belongs into the project: whoever installs has their own.
QUIET = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
QUIET += ["--no-emit-trusted-host", "--strip-extras", "--quiet"]

# pip-compile leaves out for which machines a package of an extra is.
ONLY = {"atheris": "sys_platform == 'linux' and platform_machine == 'x86_64' and python_version < '3.14'"}


def mark(pinned: Path) -> None:
    lines = pinned.read_text().splitlines(keepends=True)
    for at, line in enumerate(lines):
        name, _, version = line.partition("==")
        if name in ONLY and ";" not in line:
            lines[at] = f"{name}=={version.split()[0]} ; {ONLY[name]} \\\n"
    pinned.write_text("".join(lines))


def main() -> None:
    if not (TOOL / "bin" / "pip-compile").exists():
        venv.create(TOOL, with_pip=True)
        subprocess.run([TOOL / "bin" / "pip", "install", "--quiet", "pip-tools"], check=True)
    compile_ = [str(TOOL / "bin" / "pip-compile"), "--generate-hashes", *QUIET, *sys.argv[1:]]
    everything = ["--extra", "build", "--extra", "dev", "-o", "requirements-dev.txt"]
    served = ["--extra", "build", "-c", "requirements-dev.txt", "-o", "requirements.txt"]
    for choice in (everything, served):
        subprocess.run([*compile_, *choice, "pyproject.toml"], cwd=ROOT, check=True)
    mark(ROOT / "requirements-dev.txt")


if __name__ == "__main__":
    main()
