"""The end block of plan files: what a plan leaves in the bays, and the check that holds it against the plan."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import builders as make
import cli
import pytest
from msgspec import structs
from random_nights import random_night

from models.horizon import Horizon
from models.station.carry_over.end_stock import stock_at_end
from models.station.instance import Night, Pack
from models.station.schedule import Schedule
from models.tariff.tariff import Ratchet
from models.tolerances import ENERGY_KWH, POWER_KW
from optimizer.carry.left_packs import packs_left
from optimizer.check.end_state import end_violations
from optimizer.check.presence import Violation
from optimizer.check.rules import check
from optimizer.engine.baselines import cheapest_slots_first
from optimizer.files.errors import InputErrors
from optimizer.formats.kept.end_document import EndDocument, EndPackDocument, end_of
from optimizer.formats.plan_file import parse_plan


def night() -> Night:
    """Two drivers come; P3 is cold and in quarantine."""
    return make.night(
        packs=[
            Pack("P1", "A", 0.9, bay=0), Pack("P2", "A", 0.5, bay=1), Pack("P3", "A", 0.2, -5.0, bay=2, usable=False)
        ],
        swaps=[make.swap("W1", 1), make.swap("W2", 2)],
    )  # fmt: skip


def plan() -> Schedule:
    return make.schedule(night(), {"P2": [40, 0, 0, 0], "return:W1": [0, 30, 0, 0]}, {"W1": "P1"})


def test_what_stands_there_is_told_by_bay() -> None:
    assert check(night(), plan()) == []
    assert end_of(night(), plan()) == EndDocument(
        at=night().horizon.end.astimezone(night().horizon.zone).isoformat(),
        packs=(
            EndPackDocument(pack="return:W1", bay=0, type="A", soc=0.4),
            EndPackDocument(pack="P2", bay=1, type="A", soc=0.9),
            EndPackDocument(pack="P3", bay=2, type="A", soc=0.2, temperature_c=-5.0, usable=False),
        ),
    )


def test_what_the_plan_leaves_is_no_violation() -> None:
    assert list(end_violations(night(), plan(), end_of(night(), plan()))) == []


@pytest.mark.parametrize("seed", range(60))
def test_of_nights_with_every_feature_the_next_one_begins_as_the_plan_ends(seed: int) -> None:
    """Plans of all kinds: their end is no violation, and a night that begins with its packs is one."""
    one = random_night(seed)
    done = cheapest_slots_first(one)
    end = end_of(one, done)
    assert check(one, done) == []
    assert list(end_violations(one, done, end)) == []
    packs = packs_left(end)
    begins = [Pack(p.id, p.type, p.soc, p.temperature_c, p.bay, p.usable) for p in packs]
    following = replace(one, station=replace(one.station, packs=tuple(begins), swaps=()))
    labels = [following.station.bay_label(number) for number in following.station.bay_numbers]
    assert labels == [told.bay for told in end.packs]
    energy = [p.soc * one.pack_types[p.type].capacity_kwh for p in following.station.packs]
    assert sum(energy) == pytest.approx(sum(stock.energy_kwh for stock in stock_at_end(one, done)))


def changed(index: int, **changes: Any) -> EndDocument:
    right = end_of(night(), plan())
    packs = [structs.replace(one, **changes) if n == index else one for n, one in enumerate(right.packs)]
    return structs.replace(right, packs=tuple(packs))


END = night().horizon.end.astimezone(night().horizon.zone).isoformat()


@pytest.mark.parametrize(
    ("end", "violation"),
    [
        (changed(0, soc=0.5), Violation("end", "pack return:W1, soc", 0.5, 0.4)),
        (changed(1, bay=2), Violation("end", "pack P2, bay", 2, 1)),
        (changed(1, type="B"), Violation("end", "pack P2, type", "B", "A")),
        (changed(1, usable=False), Violation("end", "pack P2, usable", "false", "true")),
        (changed(1, temperature_c=3.0), Violation("end", "pack P2, temperature_c", 3.0, "none")),
        (changed(2, temperature_c=None), Violation("end", "pack P3, temperature_c", "none", -5.0)),
        (
            structs.replace(changed(9), at="2020-01-01T00:00:00Z"),
            Violation("end", "at", "2020-01-01T00:00:00Z", END),
        ),
        (structs.replace(changed(9), at="now"), Violation("end", "at", "now", END)),
        (
            structs.replace(changed(9), lookback_peak_kw={"peak": 3.0}),
            Violation("end", "lookback_peak_kw of peak", 3.0, 0.0),
        ),
    ],
)
def test_each_wrong_fact_is_a_violation(end: EndDocument, violation: Violation) -> None:
    assert list(end_violations(night(), plan(), end)) == [violation]


@pytest.mark.parametrize(("share", "told"), [(0.5, 0), (2.0, 1)])
def test_charge_is_compared_in_kwh_as_all_energy(share: float, told: int) -> None:
    end = changed(0, soc=0.4 + share * ENERGY_KWH / 100)
    assert len(list(end_violations(night(), plan(), end))) == told


def test_just_the_tolerance_is_forgiven() -> None:
    empty = make.night(packs=[Pack("P1", "A", 0.0)])
    idle = make.schedule(empty)
    end = end_of(empty, idle)
    told = structs.replace(end, packs=(structs.replace(end.packs[0], soc=ENERGY_KWH / 100),))
    assert list(end_violations(empty, idle, structs.replace(told, lookback_peak_kw={"peak": POWER_KW}))) == []


def test_packs_too_many_and_too_few() -> None:
    assert list(end_violations(night(), plan(), changed(1, pack="P1"))) == [
        Violation("end", "pack P1", "in the station", "not in the station at the end"),
        Violation("end", "pack P2", "not named", "in the station at the end"),
    ]


@pytest.mark.parametrize(("counted", "told"), [((), {"peak": 50.0}), ((2,), {})])
def test_a_month_that_ends_in_the_horizon_is_what_ratchets_look_back_at(
    counted: tuple[int, ...], told: dict[str, float]
) -> None:
    demand = replace(make.demand("peak", metering_minutes=60), ratchet=Ratchet(0.5, counted_months=counted))
    over = make.night(tariff=make.tariff(0.1, demand_charges=(demand,)))
    over = replace(over, horizon=Horizon(datetime(2026, 1, 31, 22, tzinfo=UTC), "UTC", 60, over.horizon.slots))
    charged = make.schedule(over, {"P3": [40, 0, 0, 20]})
    end = end_of(over, charged)
    assert end.lookback_peak_kw == told  # 40 kW into the pack at η = 0.8, in January
    assert list(end_violations(over, charged, end)) == []
    without = structs.replace(end, lookback_peak_kw={})
    due = [Violation("end", f"lookback_peak_kw of {name}", 0.0, kw) for name, kw in told.items()]
    assert list(end_violations(over, charged, without)) == due


def test_a_plan_file_with_a_wrong_end_breaks_a_rule(tmp_path: Path) -> None:
    assert cli.run("solve", cli.TINY, "-o", tmp_path / "p.json").returncode == 0
    content = json.loads((tmp_path / "p.json").read_text())
    end = content["stations"][0]["end"]
    assert end == {
        "at": "2026-01-05T04:00:00+00:00",
        "packs": [{"pack": "return:swap-1", "bay": 0, "type": "pack", "soc": 0.0}],
    }
    end["packs"][0]["soc"] = 0.75
    (tmp_path / "p.json").write_text(json.dumps(content))
    done = cli.run("check", cli.TINY, tmp_path / "p.json")
    assert done.returncode == 1
    assert "station: end: pack return:swap-1, soc: found 0.75, limit 0.0\n1 violations of 1 rules." in done.stdout
    del content["stations"][0]["end"]
    (tmp_path / "p.json").write_text(json.dumps(content))
    assert cli.run("check", cli.TINY, tmp_path / "p.json").returncode == 0  # as plans of earlier versions are


def test_an_end_that_can_be_none_is_refused(tmp_path: Path) -> None:
    assert cli.run("solve", cli.TINY, "-o", tmp_path / "p.json").returncode == 0
    content = json.loads((tmp_path / "p.json").read_text())
    end = content["stations"][0]["end"]
    end |= {"at": "2026-01-05", "packs": [end["packs"][0] | {"soc": 1.5}, end["packs"][0]]}
    with pytest.raises(InputErrors) as caught:
        parse_plan(json.dumps(content).encode(), "p.json")
    place = "p.json: stations[0].end"
    assert [str(line).partition(": must")[0] for line in str(caught.value).splitlines()] == [
        f'{place}.at: "2026-01-05"',
        f"{place}.packs[0].soc: 1.5",
        f'{place}.packs[1].pack: "return:swap-1": stands there twice; write the plan anew',
        f"{place}.packs[1].bay: 0: stands there twice; write the plan anew",
    ]
