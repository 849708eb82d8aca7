"""The tables of two small stations, and what `import network` says of them when something is changed."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import cli

TABLES = {
    "stations.csv": (
        "station,bays,chargers,charger_kw,efficiency,grid_limit_kw,tariff,lost_cost\n"
        "east,4,2,60,0.94,200,day,50\n"
        "west,3,2,60,0.94,200,day,50\n"
    ),
    "packs.csv": (
        "station,pack,type,soc,bay,temperature_c,usable\n"
        "east,P1,A,0.5,1,18,yes\neast,P2,A,0.8,2,18,no\nwest,P1,B,0.3,,,\n"
    ),
    "types.csv": "type,capacity_kwh,target_soc,swap_soc,acceptance\nA,75,0.9,0.8,0:50 0.1:90 1:15\nB,100,0.9,,\n",
    "tariffs.csv": (
        "tariff,name,price_per_kwh,rate_per_kw,start,end,days,months,metering_minutes\n"
        "day,high,0.3,,06:00,22:00,weekday,11-2,\nday,low,0.2,,,,,,\nday,peak,,5,,,,,15\n"
    ),
    "expected.csv": "hour,station,type,expected,returned_soc\n8,east,A,1.5,0.2\n9,east,A,2,0.2\n8,west,B,1,0.25\n",
    "drivers.csv": (
        "time,station,type,returned_soc,driver\n2025-11-24 08:12,east,A,0.2,bus 7\n2025-11-24 09:30,west,B,0.3,\n"
    ),
    "mapping.toml": 'zone = "Europe/Berlin"\ncurrency = "EUR"\n',
}
FILES = ("--stations", "stations.csv", "--packs", "packs.csv", "--types", "types.csv", "--tariff", "tariffs.csv")
DAY = ("--mapping", "mapping.toml", "--date", "2025-11-24")


def write(folder: Path, changes: Mapping[str, tuple[str, str]] | None = None) -> None:
    """The tables, each with an old text of it changed to a new one."""
    for name, text in TABLES.items():
        old, new = (changes or {}).get(name, ("", ""))
        assert old in text, f"{name} has no {old!r}"
        (folder / name).write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")


def imported(
    folder: Path, drivers: tuple[str, ...] = ("--expected", "expected.csv"), *more: str, day: tuple[str, ...] = DAY
) -> subprocess.CompletedProcess[str]:
    """What the command says of the tables in a folder."""
    return cli.run("import", "network", *FILES, *drivers, *day, "-o", "network.json", *more, cwd=folder)
