"""Every kept message of a client, without a fuzzer: read or refused by code, and none holds the planted bug."""

from pathlib import Path

import pytest

from .websocket import harness

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())


@pytest.mark.parametrize("kept", CORPUS, ids=lambda path: path.name)
def test_kept_messages_do_no_harm(kept: Path) -> None:
    harness(kept.read_bytes(), planted=True)


def test_the_harness_finds_its_planted_bug() -> None:
    planted = b'{"t":"hello","v":7,"nonce":"AAAAAAAAAAAAAAAAAAAAAA"}'
    harness(planted)
    with pytest.raises(AssertionError, match="planted"):
        harness(planted, planted=True)
