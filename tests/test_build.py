"""What is built side by side: one part that fails is named, and takes none of the others along.
Not here: what is built (tools/build.py)."""

import sys
import threading
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent / "tools"


def test_a_part_that_fails_is_named_and_the_others_are_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(TOOLS)
    import build

    failed, done = threading.Event(), []

    def fails() -> None:
        failed.set()
        sys.exit("This step failed: cargo build")

    def goes_on(name: str) -> None:
        assert failed.wait(30)
        done.append(name)

    with pytest.raises(SystemExit, match="This step failed: cargo build"):
        build.side_by_side(lambda: goes_on("one"), fails, lambda: goes_on("two"))
    assert sorted(done) == ["one", "two"]
