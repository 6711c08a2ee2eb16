"""The sample reports in the docs are what the auditor makes now. `python -m pytest tests/audit/test_sample.py` with
RINGFENCE_WRITE_SAMPLES=1 in the environment writes them anew."""

import os
from pathlib import Path

import pytest

from audit import sample
from ringfence.audit.page import page
from ringfence.audit.text import text

DOCS = Path(__file__).resolve().parents[2] / "docs" / "audit"
MADE = {"sample.txt": text, "sample.html": page}


@pytest.mark.parametrize("name", MADE)
def test_the_sample_report_is_current(name: str) -> None:
    made = MADE[name](sample.report())
    if "RINGFENCE_WRITE_SAMPLES" in os.environ:
        (DOCS / name).write_text(made, encoding="utf-8")
    assert (DOCS / name).read_text(encoding="utf-8") == made
