"""`ringfence serve`, which dies at a durable write of its choice: DIES="before 3" or "after 3". Of each transaction
that writes it adds a byte to the file WRITES. Not here: which writes there are (test_crashes.py)."""

import functools
import os
import sqlite3
import sys
import threading
from pathlib import Path

from ringfence.cli.main import main
from ringfence.store import database

SIDE, _, NUMBER = os.environ.get("DIES", "never 0").partition(" ")
WRITES = Path(os.environ["WRITES"])
counting = threading.Lock()


class Dying(sqlite3.Connection):
    def commit(self) -> None:
        """Nothing else makes anything durable, whoever asks for it."""
        if not self.in_transaction:
            return super().commit()
        with counting, WRITES.open("ab") as writes:
            writes.write(b".")
            writes.flush()
            here = writes.tell() == int(NUMBER)
            if here and SIDE == "before":
                os._exit(1)
            super().commit()
            if here and SIDE == "after":
                os._exit(1)


database.create_async_engine = functools.partial(database.create_async_engine, connect_args={"factory": Dying})

if __name__ == "__main__":
    sys.exit(main())
