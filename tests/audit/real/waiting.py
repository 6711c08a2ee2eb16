"""Waits for what a program does in its own time.
Not here: what it is."""

import time
from collections.abc import Callable

from machine import PATIENT


def wait(holds: Callable[[], bool], otherwise: Callable[[], str], seconds: float = PATIENT) -> None:
    """Raises AssertionError with `otherwise` if it does not come to hold."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, otherwise()
        time.sleep(0.02)
