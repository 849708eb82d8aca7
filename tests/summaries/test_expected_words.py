"""`info` tells what is expected and how far days are from that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import pytest
from paths import DATA


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("  expected")]


def test_info_tells_forecasts_with_a_spread_in_words_and_all_in_json() -> None:
    done = cli.run("info", DATA / "every-key.json")
    assert lines(done.stdout)[0] == (
        "  expected vans: 2.0 B on average; days ± 15%, drivers in bunches (1.20 times Poisson); returned charge ± 5%"
    )
    (station, *_) = json.loads(cli.run("info", DATA / "every-key.json", "--json").stdout)["stations"]
    spread = {"day_sd": 0.15, "dispersion": 1.2, "returned_soc_sd": 0.05}
    assert station["expected"][:2] == [
        {"forecast": "vans", "type": "B", "mean": 2.0, "spread": spread, "scenarios": 0},
        {"forecast": "more", "type": "A", "mean": 1.2, "spread": None, "scenarios": 0},
    ]
    assert "spread" in station["features"]


def test_scenarios_are_counted(tmp_path: Path) -> None:
    document = json.loads((cli.INSTANCES / "tiny" / "forecast-rounding.json").read_bytes())
    (one,) = document["stations"][0]["forecast"]
    slots = document["horizon"]["slots"]
    del one["expected_per_slot"]
    one |= {"scenarios": [[1] * slots, [0] * slots], "spread": {"returned_soc_sd": 0.1}}
    (tmp_path / "night.json").write_text(json.dumps(document))
    (line,) = lines(cli.run("info", tmp_path / "night.json").stdout)
    assert line == (
        f"  expected {one['id']}: {slots / 2:.1f} {one['type']} on average, one of 2 scenarios; returned charge ± 10%"
    )


@pytest.mark.parametrize(
    ("spread", "words"),
    [
        (None, None),
        ({}, "days alike, drivers independent"),
        ({"day_sd": 0.2}, "days ± 20%, drivers independent"),
    ],
)
def test_words_of_a_spread(spread: Any, words: str | None, tmp_path: Path) -> None:
    document = json.loads((cli.INSTANCES / "tiny" / "forecast-rounding.json").read_bytes())
    document["stations"][0]["forecast"][0]["spread"] = spread
    file = tmp_path / "night.json"
    file.write_text(json.dumps(document))
    assert [line.split("; ")[1] for line in lines(cli.run("info", file).stdout)] == ([words] if words else [])
