"""The picture of docs/physics.md is drawn from its table.
Not here: whether the table is what a simulation finds (core/fence/tests/power.rs)."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
IMAGE = ROOT / "docs" / "images" / "physics-power.svg"


def test_the_picture_is_of_the_table() -> None:
    command = [sys.executable, str(ROOT / "tools" / "plot_power.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_picture_has_every_lie_of_the_table_and_words_for_who_cannot_see_it() -> None:
    page = (ROOT / "docs" / "physics.md").read_text()
    shown = "".join(ElementTree.parse(IMAGE).getroot().itertext())
    lies = set(re.findall(r"^\| ([^|]+) \| ([^|]+) \| a beacon in the city \|", page, re.M))
    assert len(lies) == 8
    for stated, truly in lies:
        assert stated in shown
        assert f"truly {truly}" in shown
    alt = re.search(r"!\[([^\]]+)\]\(images/physics-power\.svg\)", page)
    assert alt and len(alt[1]) > 100
