"""`bench growth`: nights that grow in one way, the power law through their seconds, screen, JSON and page."""

from __future__ import annotations

import json
from pathlib import Path

import cli
import pages
import pytest

from models.errors import InvalidData
from models.station.instance import Night
from models.station.result import StationResult
from optimizer.bench.growth.ladders import LADDERS, night_of
from optimizer.bench.growth.measure import Growth, GrowthMeter, Measured, power_law
from optimizer.bench.growth.page import growth_plain, growth_report, growth_screen
from optimizer.bench.report.html import as_html
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station


def sizes(night: Night) -> dict[str, int]:
    return {
        "packs": len(night.station.packs),
        "swaps": len(night.station.swaps),
        "slots": night.horizon.slots,
        "types": len({pack.type for pack in night.station.packs}),
    }


@pytest.mark.parametrize("what", LADDERS)
def test_a_ladder_grows_in_one_way(what: str) -> None:
    ladder = LADDERS[what]
    first, *others = [night_of(ladder, value, "ordinary", 0) for value in ladder.values[:4]]
    for value, night in zip(ladder.values[1:], others, strict=False):
        assert sizes(night) == sizes(first) | {what: value}
        assert night.horizon.slots * night.horizon.slot_hours == 24
    assert list(ladder.values) == sorted(set(ladder.values)) and len(ladder.values) == 7


def test_types_are_asked_for_and_differ() -> None:
    night = night_of(LADDERS["types"], 4, "ordinary", 0)
    assert {swap.type for swap in night.station.swaps} == {pack.type for pack in night.station.packs}
    assert len({kind.capacity_kwh for kind in night.pack_types.values()}) == 4


def test_same_seed_same_night_other_seed_another() -> None:
    first, again, other = (night_of(LADDERS["swaps"], 12, "ordinary", seed) for seed in (0, 0, 1))
    assert first == again and first.station.swaps != other.station.swaps


def test_families_that_there_are() -> None:
    assert night_of(LADDERS["packs"], 12, "on-off", 0).station.chargers.mode == "on_off"
    with pytest.raises(InvalidData, match="ordnary"):
        night_of(LADDERS["packs"], 12, "ordnary", 0)


def test_a_power_law_is_found() -> None:
    fit = power_law([(size, 0.25 * size**1.5) for size in (2, 3, 7, 20)])
    assert fit is not None
    assert (fit.factor, fit.exponent, fit.error) == (
        pytest.approx(0.25),
        pytest.approx(1.5),
        pytest.approx(0, abs=1e-7),
    )
    assert fit.at(4) == pytest.approx(2.0)


def test_its_error_is_that_of_the_textbook() -> None:
    """x = 0, 1, 2 and y = 0, 1, 5 in logarithms of 2: slope 2.5, residuals 0.5, −1, 0.5; √(1.5 / 1 / 2)."""
    fit = power_law([(1, 1.0), (2, 2.0), (4, 32.0)])
    assert fit is not None
    assert fit.exponent == pytest.approx(2.5)
    assert fit.error == pytest.approx(0.75**0.5)


def test_two_points_have_no_error_and_one_size_no_law() -> None:
    fit = power_law([(1, 1.0), (2, 8.0)])
    assert fit is not None and (fit.exponent, fit.error) == (pytest.approx(3), None)
    assert power_law([(2, 1.0), (2, 8.0)]) is None


def growth_of(*seconds: float, gap: float | None = 0.001) -> Growth:
    """One night for each of the first sizes of the ladder of packs: 12, 24, 48 and so on."""
    ladder = LADDERS["packs"]
    runs = [Measured(value, 0, one, gap, gap is not None) for value, one in zip(ladder.values, seconds, strict=False)]
    return Growth(ladder, runs)


def test_means_are_geometric_and_the_end_counts_alone() -> None:
    ladder = LADDERS["packs"]
    runs = [Measured(12, 0, 1.0, 0.0, True), Measured(12, 1, 4.0, 0.0, True), Measured(24, 0, 16.0, 0.2, False)]
    growth = Growth(ladder, runs)
    assert growth.means == {12: pytest.approx(2.0), 24: pytest.approx(16.0)}
    assert (growth.proven, growth.largest_gap) == (2, 0.2)
    assert growth_of(1.0, 1.0, 8.0).last_exponent == pytest.approx(3.0)
    assert growth_of(1.0, 2.0, gap=None).largest_gap is None


def meter(clock: list[float], seconds: dict[int, float]) -> GrowthMeter:
    """A meter whose clock goes on by what `seconds` says of a night's number of packs."""

    def plan(night: Night, options: RunOptions) -> StationResult:
        clock[0] += seconds[len(night.station.packs)]
        return plan_station(night, options).result

    return GrowthMeter("ordinary", RunOptions(), 2, lambda: clock[0], plan)


def test_only_planning_is_measured_and_the_first_night_twice() -> None:
    clock = [0.0]
    (growth,) = meter(clock, {12: 1.0, 24: 4.0}).along(["packs"], 2)
    assert [(run.value, run.seed, run.seconds) for run in growth.runs] == [
        (12, 0, 1.0),
        (12, 1, 1.0),
        (24, 0, 4.0),
        (24, 1, 4.0),
    ]
    assert growth.fit is not None and growth.fit.exponent == pytest.approx(2.0)
    assert growth.proven == 4 and clock[0] == 11.0


def test_screen_json_and_page() -> None:
    found = [growth_of(0.5, 1.0, 4.0)]
    of = meter([0.0], {})
    assert growth_screen(found).splitlines() == [
        "growth in  from  to      s  s at the end  exponent     ±  at the end  proven  largest gap",
        "packs        12  48  0.500          4.00      1.50  0.29        2.00  3 of 3       0.10 %",
    ]
    plain = growth_plain(of, found)["growth"][0]
    assert (plain["in"], plain["fixed"]) == ("packs", "48 swaps, 96 slots of a day, 1 pack type")
    assert plain["mean_seconds"] == {"12": pytest.approx(0.5), "24": pytest.approx(1.0), "48": pytest.approx(4.0)}
    made = as_html(growth_report(of, found)).decode()
    assert made.count("<svg") == 1 and made.count('class="c2 spot"') == 3
    assert "Processor seconds by packs: exponent 1.50" in made
    assert "seconds = 0.0107 · packs^1.50" in made


def test_the_command(tmp_path: Path) -> None:
    """Nights as small as they are drawn, by the real clock, of which nothing is asserted."""
    page = tmp_path / "growth.html"
    asked = ("bench", "growth", "--along", "types,packs", "--steps", 2, "--seeds", 1, "-o", page)
    done = cli.run(*asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[:3] for line in done.stdout.splitlines()[1:]] == [["packs", "12", "24"], ["types", "1", "2"]]
    assert all(line.split()[-6:-2][-3:] == ["2", "of", "2"] for line in done.stdout.splitlines()[1:])
    assert pages.parsed(page.read_bytes())
    plain = json.loads(cli.run(*asked, "--json").stdout)
    assert (plain["family"], [one["in"] for one in plain["growth"]]) == ("ordinary", ["packs", "types"])
    assert all(night["is_proven"] for one in plain["growth"] for night in one["nights"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--along", "pack"], '"pack" is no way to grow; they are: packs, swaps, slots, types'),
        (["--along", ","], "--along takes one name or more; they are: packs, swaps, slots, types"),
        (["--family", "odd"], '--family: "odd" is no family that can be drawn; they are: ordinary, peaky-demand,'),
        (["-o", "growth.md"], "-o growth.md: the name must end in .html or .html.gz"),
        (["--gap", "inf"], "--gap and --time-limit take finite numbers"),
    ],
)
def test_what_is_refused(options: list[str], message: str) -> None:
    done = cli.run("bench", "growth", *options)
    assert done.returncode == 2
    assert message in done.stderr
