"""What changed in a group of inputs from one night to another, in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.station.instance import Night, Station
from models.station.overload import stated_kw
from optimizer.engine.month.month_days import days_after
from optimizer.files.plain_text import counted
from optimizer.history.why.input_groups import EQUIPMENT, Group, NightPair

LABELS: Mapping[Group, str] = {
    "prices": "prices",
    "drivers": "drivers",
    "packs": "packs at the start",
    "site": "base load and solar power",
    "equipment": "limits and equipment",
    "month": "demand charge and month",
}
MOST_NAMED = 3
SAME_SOC = 0.0005  # as a share: less does not show in words


def part_words(groups: Sequence[Group], pair: NightPair) -> str:
    """The exchanged inputs with what changed: "4 drivers fewer", "prices (0.2104 to 0.2250 per kWh on average)"."""
    told = [WORDS[group](pair.old, pair.new) for group in groups]
    return told[0] if len(told) == 1 else f"together: {'; '.join(told)},"


def _prices(old: Night, new: Night) -> str:
    before, after = _mean_price(old), _mean_price(new)
    if f"{before:.4f}" == f"{after:.4f}":
        return f"prices of other hours ({after:.4f} per kWh on average, as before)"
    return f"{'higher' if after > before else 'lower'} prices ({before:.4f} to {after:.4f} per kWh on average)"


def _mean_price(night: Night) -> float:
    prices = night.tariff_series.price_per_kwh
    return sum(prices) / len(prices)


def _drivers(old: Night, new: Night) -> str:
    before, after = len(old.station.swaps), len(new.station.swaps)
    if before == after:
        return f"other drivers ({after:,}, as many)"
    return f"{counted(abs(after - before), 'driver')} {'more' if after > before else 'fewer'} ({before:,} to {after:,})"


def _packs(old: Night, new: Night) -> str:
    before, after = len(old.station.packs), len(new.station.packs)
    if before != after:
        more = "more" if after > before else "fewer"
        return f"{counted(abs(after - before), 'pack')} {more} at the start ({before:,} to {after:,})"
    was, now = _mean_soc(old), _mean_soc(new)
    if abs(was - now) < SAME_SOC:
        return f"other packs at the start ({100 * now:.0f} % full, as before)"
    return f"{'fuller' if now > was else 'emptier'} packs at the start ({100 * was:.1f} to {100 * now:.1f} % full)"


def _mean_soc(night: Night) -> float:
    packs, kinds = night.station.packs, night.pack_types
    capacity_kwh = sum(kinds[pack.type].capacity_kwh for pack in packs)
    return sum(pack.soc * kinds[pack.type].capacity_kwh for pack in packs) / capacity_kwh if capacity_kwh else 0.0


def _site(old: Night, new: Night) -> str:
    found = []
    for name, words in (("base_load_kw", "base load"), ("solar_kw", "solar power")):
        before, after = (sum(getattr(n.station, name)) * n.horizon.slot_hours for n in (old, new))
        if getattr(old.station, name) != getattr(new.station, name):
            found.append(f"{words} {before:,.0f} to {after:,.0f} kWh")
    return " and ".join(found)


def _equipment(old: Night, new: Night) -> str:
    names = [name.removesuffix("_kw") for name in EQUIPMENT if _given(old.station, name) != _given(new.station, name)]
    names += ["pack_types"] if _kinds(old) != _kinds(new) else []
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(name.replace("_", " ") for name in names[:MOST_NAMED]) + more


def _given(station: Station, name: str) -> object:
    return stated_kw(station) if name == "grid_limit_kw" else getattr(station, name)


def _kinds(night: Night) -> list[object]:
    return [(name, kind.capacity_kwh, kind.target_soc, kind.swap_soc, kind.acceptance) for name, kind in
            night.pack_types.items()]  # fmt: skip


def _month(old: Night, new: Night) -> str:
    """The billed peak that a month, or year, begins the night with, or else the days that it has left."""
    for demand in new.tariff_series.demands:
        before = next((d for d in old.tariff_series.demands if d.name == demand.name and d.is_first), None)
        if before is None or not demand.is_first:
            continue
        was_kw, now_kw = old.demand_floor_kw(before), new.demand_floor_kw(demand)
        if was_kw != now_kw:
            span = "month" if demand.last_month is None else "year"
            return f"{span}'s peak so far ({demand.name}: {was_kw:,.1f} to {now_kw:,.1f} kW)"
    charges = new.station.tariff.demand_charges
    yearly = charges[0] if charges and all(charge.period == "year" for charge in charges) else None
    was, now = (days_after(night, charge=yearly) + 1 for night in (old, new))
    if was != now:
        return f"days left of the {'month' if yearly is None else 'year'} ({was} to {now})"
    return "demand charge or the month's kWh so far"


WORDS = {
    "prices": _prices, "drivers": _drivers, "packs": _packs, "site": _site, "equipment": _equipment, "month": _month,
}  # fmt: skip
