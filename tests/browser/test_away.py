"""A host of its own leaves nothing behind: the next one has the same names."""

import subprocess
from collections.abc import Iterator

import pytest

from . import network
from .away import Away

pytestmark = pytest.mark.skipif(not network.may_have_own_network(), reason="networks are made by root")


@pytest.fixture
def away() -> Iterator[Away]:
    with network.own_network():
        yield Away()


def test_a_host_can_follow_one_in_which_somebody_still_runs(away: Away) -> None:
    with subprocess.Popen(
        ["ip", "netns", "exec", away.name, "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as last:
        assert last.stdin and last.stdout
        last.stdin.write(b"here\n")
        last.stdin.flush()
        last.stdout.readline()
        away.close()
        Away().close()
        last.stdin.close()
