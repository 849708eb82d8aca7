"""Where the repository's own files lie. Not a test file itself."""

from __future__ import annotations

from pathlib import Path

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists())
INSTANCES = ROOT / "instances"
DATA = ROOT / "tests" / "data"
