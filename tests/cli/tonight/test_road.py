"""The whole road, as an operator goes it: exports of forty stations, a night, the next one, noon, pages. No own code."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cli
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "imports"))
import german_exports as german  # noqa: E402
