"""`ringfence geo import`, which is killed before the so-many-th thing that it does to the disk: DIES=3.
Not here: what is left afterwards (test_geo_command.py)."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from ringfence.cli.main import main

LEFT = int(os.environ["DIES"])


def _counted(does: Callable[..., Any]) -> Callable[..., Any]:
    def instead(*arguments: Any, **named: Any) -> Any:
        global LEFT
        LEFT -= 1
        if LEFT == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return does(*arguments, **named)

    return instead


def _watch() -> None:
    for name in ("mkdir", "open", "fsync", "rename", "unlink"):
        setattr(os, name, _counted(getattr(os, name)))


if __name__ == "__main__":
    _watch()
    sys.exit(main())
