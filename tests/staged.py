"""`ringfence serve` with faults that a test turns on: while there is a file `read-only` in the folder STAGED, its store
is just that, and its clock is ahead by the seconds that the file `ahead` says. Not here: what anybody sees of it."""

import functools
import os
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from ringfence.cli.main import main
from ringfence.store import database

STAGED = Path(os.environ["STAGED"])
real = time.time


class Store(sqlite3.Connection):
    def cursor(self, *arguments: Any) -> sqlite3.Cursor:
        """A disk cannot be mounted anew as read-only while files on it are open; SQLite refuses in the same words."""
        super().cursor().execute(f"PRAGMA query_only = {(STAGED / 'read-only').exists()}")
        return super().cursor(*arguments)


def staged() -> float:
    try:
        return real() + float((STAGED / "ahead").read_text())
    except FileNotFoundError:
        return real()


time.time = staged
database.create_async_engine = functools.partial(database.create_async_engine, connect_args={"factory": Store})

if __name__ == "__main__":
    sys.exit(main())
