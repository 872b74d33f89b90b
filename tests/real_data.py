"""The real data sets beside the project, or wherever ``TONGMAI_REAL_DATA`` says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1]


def real_file(name: str) -> Path:
    """A file of the data sets; the test is skipped where they are not."""
    places = [os.environ.get("TONGMAI_REAL_DATA"), _ROOT.parent / "shared" / "data", _ROOT / "shared" / "data"]
    for place in places:
        if place and (Path(place) / name).is_file():
            return Path(place) / name
    pytest.skip("the real data sets are not beside the project; set TONGMAI_REAL_DATA to their folder")
