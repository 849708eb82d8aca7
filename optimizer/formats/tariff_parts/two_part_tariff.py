"""The capacity part of a two-part tariff, on one of three bases, as demand and fixed charges.

China's large customers choose between them: the month's highest average, the demand that they declare (up to
1.05 times it is billed as declared, each kW beyond at twice the rate: notice NDRC 2016 No. 1583), or the kVA of
their transformers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from models.errors import InvalidData, Problem, refuse
from models.rules import number_in
from models.tariff.tariff import DemandCharge, FixedCharge
from optimizer.files.errors import ABSENT
from optimizer.formats.tariff_document import TariffDocument, TwoPartDocument

MAX_DEMAND, DECLARED_DEMAND, TRANSFORMER = "maximum demand", "declared demand", "transformer capacity"
NEEDED = {
    "max_demand": ("rate_per_kw",),
    "declared_demand": ("rate_per_kw", "declared_kw"),
    "transformer_capacity": ("rate_per_kva", "transformer_kva"),
}
CHARGE = re.compile(r"(demand_charges|fixed_charges)\[(\d+)\](.*)", re.ASCII)
KEYS = ("rate_per_kw", "rate_per_kva", "declared_kw", "transformer_kva")

Charges = tuple[tuple[DemandCharge, ...], tuple[FixedCharge, ...]]
NO_CHARGES: Charges = ((), ())


def two_part_charges(document: TwoPartDocument | None) -> Charges:
    """Demand charges and fixed charges. Raises InvalidData, places inside the object."""
    if document is None:
        return NO_CHARGES
    refuse(_problems(document))
    metering, weight = document.metering_minutes, document.weight
    rate = document.rate_per_kw or 0.0
    if document.basis == "max_demand":
        return (DemandCharge(MAX_DEMAND, rate, metering, weight),), ()
    if document.basis == "transformer_capacity":
        amount = (document.rate_per_kva or 0.0) * (document.transformer_kva or 0.0)
        return (), (_fixed(TRANSFORMER, amount, "transformer_kva"),)
    declared_kw = document.declared_kw or 0.0
    beyond = ((document.tolerance * declared_kw, document.excess_factor * rate),)
    excess = DemandCharge(f"beyond {DECLARED_DEMAND}", 0.0, metering, weight, tiers=beyond)
    return (excess,), (_fixed(DECLARED_DEMAND, rate * declared_kw, "declared_kw"),)


def _fixed(name: str, amount: float, key: str) -> FixedCharge:
    """A month's charge, of which the file has the factor `key`. Raises InvalidData with that place."""
    try:
        return FixedCharge(name, amount, "month")
    except InvalidData as error:
        raise InvalidData(
            replace(problem, place=key, rule=f"times the rate {problem.rule}") for problem in error.problems
        ) from None


def as_written(problem: Problem, document: TariffDocument) -> Problem:
    """A problem of a tariff at its place in the file: charges beyond those written there are of `two_part`."""
    made = CHARGE.fullmatch(problem.place)
    if made is None or int(made[2]) < len(getattr(document, made[1])):
        return problem
    return replace(problem, place="two_part" + (made[3] if made[3] == ".metering_minutes" else ""))


def _problems(document: TwoPartDocument) -> Iterator[Problem]:
    needed = NEEDED[document.basis]
    for key in KEYS:
        value = getattr(document, key)
        if value is None and key in needed:
            yield Problem(key, ABSENT, f"is needed where the basis is {document.basis}", "add it")
        elif value is not None and key not in needed:
            rule = f"means nothing where the basis is {document.basis}"
            yield Problem(key, value, rule, f"leave it out; what is needed: {', '.join(needed)}")
        elif value is not None:
            yield from number_in(key, value, 0, above_low=key in ("declared_kw", "transformer_kva"))
    yield from number_in("tolerance", document.tolerance, 1)
    yield from number_in("excess_factor", document.excess_factor, 0)
