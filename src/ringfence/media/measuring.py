"""Round trips to the media of another node, without holding up anybody here.
Not here: whom to measure (server), or the questions and answers themselves (core/sfu)."""

import asyncio

from ringfence._core import sfu

# The least of so many.
SAMPLES = 20


async def measure(address: str, port: int, node: bytes, beacon: bytes) -> sfu.Measured:
    """Raises RF4206 when nothing that the node has signed comes back."""
    return await asyncio.to_thread(sfu.measure, address, port, node, beacon, SAMPLES)
