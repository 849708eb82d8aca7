"""How long tests wait for what should come at once. Not a test file itself."""

from __future__ import annotations

PATIENCE = 1800.0  # seconds: no machine is so slow, so only what hangs, and fails, takes them
