"""The instance files of this repository that are well-formed. Not a test file itself."""

from __future__ import annotations

from paths import INSTANCES

OTHER_FOLDERS = ("invalid", "tariffs", "urdb", "plans", "events")
OTHER_FILES = ("library.json", "ledger.json", "smoke.json", "speed.json", "days.json", "scale.json")
INSTANCE_FILES = sorted(
    path
    for path in INSTANCES.glob("**/*.json")
    if path.parent.name not in OTHER_FOLDERS and path.name not in OTHER_FILES
)
