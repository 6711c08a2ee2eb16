"""`ringfence`, where every reader of a connection is cancelled while something is stored, at the n-th such moment.
That is what a connection that ends at that moment may do. Not here: what is expected then (test_turns.py)."""

import asyncio
import sys

from ringfence.cli.main import main
from ringfence.store.database import Database, GroupChange


async def _cut_off() -> None:
    readers = [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__name__", "") == "_listen"]
    assert readers
    for task in readers:
        task.cancel()
    await asyncio.sleep(0)


def interrupt(at: int, before: bool) -> None:
    save, count = Database.save_group, 0

    async def interrupted(self: Database, change: GroupChange) -> None:
        nonlocal count
        count += 1
        if count == at and before:
            await _cut_off()
        await save(self, change)
        if count == at and not before:
            await _cut_off()

    Database.save_group = interrupted  # type: ignore[method-assign]


if __name__ == "__main__":
    moment, number = sys.argv.pop(1), int(sys.argv.pop(1))
    interrupt(number, moment == "before")
    sys.exit(main())
