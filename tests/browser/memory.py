"""Looks for secrets in what a process holds in memory and in files, in every form they are likely to have.
Only reads; grep does the searching, since there is much to search."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

SHORTEST = 7  # bytes: fewer would be found by chance


def forms(secret: bytes) -> set[bytes]:
    """The secret itself, in hexadecimal, and in both base64 alphabets at each of the three offsets."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + secret)
        # Only the characters that depend on nothing but the secret.
        whole = text[-(-offset * 4 // 3) : (offset + len(secret)) * 4 // 3]
        found |= {whole, whole.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def processes(pid: int) -> list[int]:
    """The process and all that it started."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def memory_of(pid: int) -> Iterable[bytes]:
    """Every readable page, in pieces that overlap by more than any secret is long."""
    piece, overlap = 1 << 24, 1 << 12
    try:
        lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
        memory = open(f"/proc/{pid}/mem", "rb", 0)  # noqa: SIM115  closed below
    except (FileNotFoundError, ProcessLookupError):  # it has ended since: a browser's processes come and go
        return
    with memory:
        for line in lines:
            span, rights, *_ = line.split()
            if "r" not in rights or "[v" in line:  # [vvar], [vsyscall], [vdso]: the kernel's
                continue
            start, end = (int(at, 16) for at in span.split("-"))
            for at in range(start, end, piece):
                try:
                    yield os.pread(memory.fileno(), min(piece + overlap, end - at), at)
                except OSError:  # a hole: a file shorter than its map, device memory
                    break


def found_in_memory(pid: int, secrets: Mapping[str, bytes]) -> set[str]:
    """The names of the secrets that a process, or one that it started, holds."""
    found: set[str] = set()
    for one in processes(pid):
        found |= _search(memory_of(one), secrets)
    return found


def found_in_files(files: Iterable[Path], secrets: Mapping[str, bytes]) -> set[str]:
    return _search((file.read_bytes() + b"\n" for file in files), secrets)


def _search(pieces: Iterable[bytes], secrets: Mapping[str, bytes]) -> set[str]:
    needles = {_needle(form): name for name, secret in secrets.items() for form in forms(secret)}
    patterns = os.memfd_create("patterns")
    os.write(patterns, b"\n".join(needles))
    grep = subprocess.Popen(
        ["grep", "-a", "-o", "-F", "-f", f"/proc/self/fd/{patterns}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"LC_ALL": "C"},
        pass_fds=[patterns],
    )
    os.close(patterns)
    answer = _fed(grep, pieces)
    return {needles[line] for line in answer.split(b"\n") if line in needles}


def _fed(grep: "subprocess.Popen[bytes]", pieces: Iterable[bytes]) -> bytes:
    failed: list[Exception] = []

    def feed() -> None:
        try:
            for piece in pieces:
                grep.stdin.write(piece)
        except Exception as error:  # of the thread that asked, not of this one
            failed.append(error)
        finally:
            grep.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    answer = grep.stdout.read()
    feeder.join()
    if failed:
        raise failed[0]
    if grep.wait() == 2:
        raise RuntimeError("grep could not search")
    return answer


def _needle(form: bytes) -> bytes:
    """grep's patterns are lines: the longest part of the form that is one."""
    needle = max(form.split(b"\n"), key=len)
    if len(needle) < SHORTEST:
        raise ValueError("too short to look for: plant another secret")
    return needle
