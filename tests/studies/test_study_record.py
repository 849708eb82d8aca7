"""What one night hands to the next, and the file that keeps it."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import pytest

from models.errors import InvalidData
from models.station.cost import drawn_power_kw
from models.station.instance import Pack
from models.tariff.tariff import EnergyTiers, Ratchet
from optimizer.files.json_text import decode
from optimizer.formats.plan_document import CostDocument
from optimizer.studies.night_record import (
    BayState,
    ChainState,
    NightOutcome,
    NightRecord,
    TariffNight,
    first_state,
    lookback_of,
    month_text,
    packs_of,
    record_text,
    so_far,
    state_after,
)

HOURLY = make.demand(metering_minutes=60)
OVER_THE_MONTH = make.horizon(4, start="2026-01-31T22:00+01:00")
BLOCK = EnergyTiers("block", ((100.0, 0.02),))
COST = dict.fromkeys(
    ("energy", "demand", "wear", "plug_changes", "lost_swaps", "reserve", "end_value", "base_bill"), 1.0
)


def record() -> NightRecord:
    state = ChainState((BayState(0, "A", 0.1 + 0.2),), {"peak": {"2026-01": 1 / 3}}, {"block": {"2026-01": 7.0}})
    fields = {"objective": 1.0, "gross_cost": 2.0, "swaps_served": 1, "swaps_lost": 0, "load_kw": (0.1, 0.0)}
    side = NightOutcome(cost=CostDocument(**COST), state=state, **fields)
    night = TariffNight(
        tariff="T",
        status="s",
        method="m",
        objective=1.0,
        gross_cost=2.0,
        bound=None,
        gap=None,
        plan=side,
        baseline=side,
    )
    return NightRecord(key="k", station="S\n1", variant="充", night="2026-01-01", tariffs=(night,))


def test_a_record_comes_back_to_the_last_digit() -> None:
    assert decode(record_text(record()), NightRecord) == record()
    assert record_text(record()) == record_text(record())


def test_a_record_of_another_shape_is_none() -> None:
    with pytest.raises(InvalidData):
        decode(record_text(record()).replace(b'"bound"', b'"bond"'), NightRecord)


def test_a_chain_begins_with_the_packs_of_the_instance() -> None:
    assert first_state(make.night()) == ChainState((BayState(0, "A", 90), BayState(1, "A", 50), BayState(2, "A", 10)))


def test_packs_go_by_the_names_of_their_bays() -> None:
    """Where one has left, the others say which bays they stand in."""
    state = ChainState((BayState(0, "A", 20.0), BayState(2, "A", 80.0)))
    assert packs_of(state, make.night()) == (Pack("P1", "A", 0.2, bay=0), Pack("P3", "A", 0.8, bay=2))
    whole = ChainState((BayState(0, "A", 20.0), BayState(1, "A", 50.0), BayState(2, "A", 80.0)))
    assert [pack.bay for pack in packs_of(whole, make.night())] == [None, None, None]


@pytest.mark.parametrize(("energy_kwh", "soc"), [(-1e-12, 0.0), (100 + 1e-12, 1.0)])
def test_rounding_makes_no_pack_that_cannot_be(energy_kwh: float, soc: float) -> None:
    assert packs_of(ChainState((BayState(0, "A", energy_kwh),)), make.night())[0].soc == soc


def test_a_night_hands_on_packs_peaks_and_energy_of_each_month() -> None:
    tariff = make.tariff(demand_charges=(HOURLY,), energy_tiers=(BLOCK,))
    night = make.night(
        on=OVER_THE_MONTH, tariff=tariff, peak_so_far_kw={"peak": 40.0}, energy_so_far_kwh={"block": 7.0}
    )
    plan = make.schedule(night, {"P3": [16, 32, 40, 0]})
    before = ChainState((), {"peak": {"2025-12": 99.0, "2026-01": 40.0}}, {"block": {"2025-12": 5.0, "2026-01": 7.0}})
    after = state_after(before, night, plan, drawn_power_kw(night, plan))
    assert after.packs[2] == BayState(2, "A", 98.0)
    assert after.peaks_kw == {"peak": {"2025-12": 99.0, "2026-01": 40.0, "2026-02": 50.0}}
    assert after.energy_kwh == {"block": {"2025-12": 5.0, "2026-01": 67.0, "2026-02": 50.0}}
    assert before.peaks_kw["peak"] == {"2025-12": 99.0, "2026-01": 40.0}  # it is the night before's


def test_of_a_month_counts_only_its_own() -> None:
    by_month = {"peak": {"2026-01": 40.0, "2026-02": 50.0}, "late": {"2026-01": 3.0}}
    assert so_far(by_month, (2026, 2)) == {"peak": 50.0}
    assert so_far(by_month, (2026, 3)) == {}


def test_a_ratchet_looks_back_at_earlier_months_only() -> None:
    ratchet = replace(HOURLY, ratchet=Ratchet(0.8, months_back=2))
    tariff = make.tariff(demand_charges=(ratchet, make.demand("plain")))
    state = ChainState((), {"peak": {"2025-11": 90.0, "2025-12": 60.0, "2026-01": 70.0, "2026-02": 95.0}})
    assert lookback_of(state, tariff, (2026, 2)) == {"peak": 70.0}
    assert lookback_of(state, tariff, (2026, 1)) == {"peak": 90.0}
    assert lookback_of(ChainState(()), tariff, (2026, 1)) == {"peak": 0.0}


def test_months_are_told_with_two_digits() -> None:
    assert [month_text((2026, month)) for month in (1, 12)] == ["2026-01", "2026-12"]
