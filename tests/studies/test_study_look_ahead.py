"""Nights that look ahead: drivers who come before tomorrow's packs could be charged are not lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import builders as make
import pytest
import tiny_study as tiny

from models.station.carry_over.carried_out import beginning
from models.station.cost import cost_of
from optimizer.studies.months.parts import nights_of_parts, tariffs_of_part
from optimizer.studies.night_record import first_state
from optimizer.studies.night_task import priced

EARLY = [{"slot": 1, "type": "A", "returned_soc": 0.1, "lost_cost": 100}] * 3


def lost(folder: Path, hours: float) -> int:
    """Swaps lost in three nights; three drivers come every night at one o'clock. Energy that is left is worth nothing:
    else packs would be charged where it costs what it is worth."""
    folder.mkdir()
    kinds = [{"id": "A", "capacity_kwh": 100, "target_soc": 0.9, "swap_soc": 0.8, "end_value_per_kwh": 0}]
    day = tiny.instance(tiny.station(swaps=EARLY), pack_types=kinds)
    read = tiny.read(folder, day, look_ahead_hours=hours, tariffs=[{"id": "flat"}])
    run = tiny.run_of(read, folder / "out")
    return sum(record.tariffs[0].plan.swaps_lost for record in run.chains[0].records)


def test_without_looking_ahead_packs_are_empty_when_the_next_day_begins(tmp_path: Path) -> None:
    """In the first night P3 cannot be ready, whatever is done. Evening prices are three times those of the night, so
    nobody charges for tomorrow unless tomorrow is looked at; then all six drivers of the later nights are served: 100
    for each is more than 80 kWh at 0.30 / 0.8."""
    assert lost(tmp_path / "blind", 0) > lost(tmp_path / "ahead", 6) == 1


def test_what_lies_ahead_is_priced_but_not_carried_out(tmp_path: Path) -> None:
    study = tiny.read(tmp_path, tiny.instance(tiny.station(swaps=EARLY)), look_ahead_hours=6)
    night = study.night(0, study.variants[0], 0)
    assert night.horizon.slots == 24 + 6 and study.horizon(0).slots == 24
    assert [(s.id, s.slot) for s in night.station.swaps[3:]] == [(f"swap-{n}, next day", 25) for n in (1, 2, 3)]
    last = study.night(0, study.variants[0], 2)
    assert last.horizon.slots == 24  # the study ends: nobody looks further
    run = tiny.run_of(study, tmp_path / "out")
    (one, _) = run.chains[0].records[0].tariffs
    assert len(one.plan.load_kw) == 24 and one.plan.swaps_served + one.plan.swaps_lost == 3
    assert one.bound is not None and one.bound <= one.objective + 1e-6
    assert one.gap is not None and one.gap <= tiny.OPTIONS.gap


def test_the_night_itself_is_billed_without_what_lies_ahead(tmp_path: Path) -> None:
    study = tiny.read(tmp_path, look_ahead_hours=12)
    run = tiny.run_of(study, tmp_path / "out")
    own = beginning(study.night(0, study.variants[0], 0), 24)
    state = first_state(own)
    tariffs = tariffs_of_part(study.tariffs, nights_of_parts(study)[0])
    for one, tariff in zip(run.chains[0].records[0].tariffs, tariffs, strict=True):
        at = priced(own, tariff.tariff, state)
        empty = replace(at, station=replace(at.station, base_load_kw=one.plan.load_kw, grid_limit_kw=(1e4,) * 24))
        alone = cost_of(empty, make.schedule(empty))
        assert one.plan.cost.energy == pytest.approx(alone.energy)
        assert one.plan.cost.demand == pytest.approx(alone.demand)
