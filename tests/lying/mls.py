"""The pipe to tests/attacker: MLS members that refuse nothing and make whatever commit is asked for.
Holds no protocol of Ringfence's own: that is in accomplice.py."""

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

from machine import PATIENT

from .documents import b64, unb64

ATTACKER = Path(__file__).parents[2] / "target/release/attacker"


class Attacker:
    """One process; each name in it is one MLS member."""

    def __init__(self) -> None:
        self._process = subprocess.Popen([str(ATTACKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._turn = threading.Lock()  # tests and lies ask from two threads

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(PATIENT)

    def ask(self, who: str, op: str, **arguments: Any) -> Any:
        command = {"who": who, "op": op} | {k: _written(v) for k, v in arguments.items()}
        with self._turn:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"attacker: {op}: {answer['error']}")
        return answer["ok"]


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64(value)
    if isinstance(value, list):
        return [_written(v) for v in value]
    return value


def read(answer: dict[str, Any], field: str) -> bytes:
    return unb64(answer[field])
