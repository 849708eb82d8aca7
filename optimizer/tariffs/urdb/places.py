"""Where a URDB rate has what stands at a place of the tariff that is made of it: messages go by the user's file."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.formats.tariff_document import DemandChargeDocument, MinimumChargeDocument, TariffDocument
from optimizer.tariffs.urdb.demand_charges import FLAT_DEMAND, WINDOW_DEMAND
from optimizer.tariffs.urdb.find_rates import ENERGY, Raw
from optimizer.tariffs.urdb.rate import UrdbRate

FLAT, WINDOW = "flatdemandstructure", "demandratestructure"
OLDER_MINIMUM = {"month": "minmonthlycharge", "year": "annualmincharge"}


def urdb_places(raw: Raw, rate: UrdbRate, tariff: TariffDocument) -> dict[str, str]:
    """The key path of the rate by place inside the tariff, for all that may be doubted or refused."""
    places = {"id": "label" if raw.get("label") else "name", "energy_periods": ENERGY, "energy_tiers": ENERGY}
    places |= {f"energy_periods[{index}].name": "energytoulabels" for index in range(len(tariff.energy_periods))}
    for index, charge in enumerate(tariff.demand_charges):
        places |= dict(_of_demand(raw, rate, charge, f"demand_charges[{index}]"))
    fixed = "fixedchargefirstmeter" if raw.get("fixedchargefirstmeter") else "fixedmonthlycharge"
    places |= {f"fixed_charges[{index}]": fixed for index in range(len(tariff.fixed_charges))}
    places |= {f"minimum_charges[{index}]": _minimum(raw, one) for index, one in enumerate(tariff.minimum_charges)}
    return places


def _of_demand(raw: Raw, rate: UrdbRate, charge: DemandChargeDocument, place: str) -> Iterator[tuple[str, str]]:
    """Of a charge, its rates and what else it has; one at the sum of all rates has no period of its own."""
    key, period = _structure(rate, charge)
    if period is None:
        yield place, key
        return
    yield place, f"{key}[{period}]"
    yield f"{place}.metering_minutes", "demandwindow"
    yield f"{place}.rate_per_kw", _part(raw, key, period, 0)
    for tier in range(len(charge.tiers)):
        yield f"{place}.tiers[{tier}]", _part(raw, key, period, tier + 1)


def _structure(rate: UrdbRate, charge: DemandChargeDocument) -> tuple[str, int | None]:
    """The key of a charge's rates and their period; months of equal flat rates are one charge, at the first's."""
    if charge.name.startswith(WINDOW_DEMAND):
        return WINDOW, int(charge.name.removeprefix(WINDOW_DEMAND)) - 1
    if charge.name.startswith(FLAT_DEMAND) and rate.flat_demand is not None:
        month = charge.windows[0].months[0] if charge.windows else 1
        return FLAT, rate.flat_demand.months[month - 1]
    return FLAT if rate.flat_demand is not None else WINDOW, None


def _part(raw: Raw, key: str, period: int, tier: int) -> str:
    """A rate, or its adjustment where that is all of it, or the two, which are added up."""
    given = [name for name in ("rate", "adj") if raw[key][period][tier].get(name)]
    place = f"{key}[{period}][{tier}]"
    return f"{place} (rate + adj)" if len(given) == 2 else f"{place}.{given[0] if given else 'rate'}"


def _minimum(raw: Raw, charge: MinimumChargeDocument) -> str:
    return "mincharge" if raw.get("mincharge") else OLDER_MINIMUM[charge.per]
