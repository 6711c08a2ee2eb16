"""Many who come to watch at once: until the last of them is connected, beside the same number one after the other.
Not here: who they are (load.py)."""

from bench.figures import Figure
from bench.load import Scene, built, measure, ours

MANY = 200
SCENE = Scene("joins", "video", 1, MANY, MANY + 1)


def figures() -> list[Figure]:
    generator = built()
    with ours() as (pid, forwarder):
        apart = measure(SCENE, pid, forwarder, generator)
    with ours() as (pid, forwarder):
        together = measure(SCENE, pid, forwarder, generator, storm=True)
    return [
        Figure(f"{MANY} joins at once, until all are there", together.joined_ms, "ms", apart.joined_ms, "one by one"),
        Figure("then: lost", together.lost * 100, "%"),
        Figure("then: delay at p99", together.p99_ms, "ms"),
    ]
