"""The table of flows, names and ciphers, held against tshark's reading of the same files (`make deps` installs it).
Not here: what findings come of it."""

from pathlib import Path
from random import Random

import pytest

from audit.labelled import audited
from audit.tshark import TSHARK, ours, theirs, told, told_by_tshark
from captures import SCENES, Capture, clean_copy, mutant, played

pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed (make deps)")
# Each scene as it is, and one of these: what every reader reads the same way. Not fragments: tshark gives the bytes of
# all to the last, and the ports of the first to none.
ALIKE = (
    "v6",
    "raw",
    "cooked-2",
    "vlan-twice",
    "ns",
    "big",
    "ng-many",
    "gz",
    "late",
    "twice",
    "options-v6",
    "snaplen-96",
)
SEED = 11


def captures() -> list[Capture]:
    random = Random(SEED)
    made = [clean_copy(played(name)) for name in random.sample(list(SCENES), 20)]
    return made + [mutant(random.choice(list(SCENES)), form) for form in ALIKE]


@pytest.mark.parametrize("capture", captures(), ids=lambda capture: capture.name)
def test_flows_packets_and_bytes_are_tsharks(capture: Capture, tmp_path: Path) -> None:
    mine = ours(audited(capture, tmp_path)[0].scan)
    read = theirs(tmp_path / f"capture{capture.suffix}")
    assert (mine.packets, mine.sizes) == (read.packets, read.sizes)


@pytest.mark.parametrize(
    "name", ["tls-1.3-long-hello", "tls-1.2-rsa", "tls-1.0-chosen", "quic-v1", "quic-v2-long-hello", "dns", "meeting"]
)
def test_names_and_ciphers_are_tsharks(name: str, tmp_path: Path) -> None:
    capture = clean_copy(played(name))
    scan = audited(capture, tmp_path)[0].scan
    assert told(scan) == told_by_tshark(tmp_path / f"capture{capture.suffix}")
