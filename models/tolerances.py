"""Every tolerance of the project, in one place.

**One tolerance**: what the checker forgives (POWER_KW, ENERGY_KWH), plans may use and bounds allow for. No plan that
the checker accepts costs less than a bound that is called proven; section 9 of models/README.md says how for each rule.
"""

from __future__ import annotations

import math

# --- what the checker and the bill go by -------------------------------------------------------------------

POWER_KW = 1e-6
"""By how much a power may pass a limit before the checker says so. Solvers keep rows to 1e-7."""

ENERGY_KWH = 1e-6
"""By how much an energy may miss a level before the checker says so."""

IDLE_KW = 1e-9
"""A power up to this is none, one below 0 by no more alike: the rounding of sums. Any larger power charges, which takes
a charger and has a least power. Were more forgiven, all packs together could charge for nothing."""

TRICKLE_KWH = 1e-4
"""Where plug changes count, a pack on a charger takes more than this in a slot. Far above what a pack may miss or pass
its target by, so that one which is full within the tolerance cannot stay plugged by a trickle."""

CHARGING_KW = 1e-4
"""A power above this is drawn as charging in pictures."""

METER_KWH = 1e-4
"""What the meter of a battery rounds away: a state of charge that misses a level by no more counts as that level."""

MONEY_RELATIVE = 1e-6
"""Recomputed cost and the solver's objective must agree to this share of the larger one (or of 1)."""

CLAIM_RELATIVE = 1e-5
"""What a contender of the benchmark says that its plan costs may differ from the recomputed cost by this share of the
larger one (or of 1): solvers keep rules to about 1e-6 only, and each is billed by its own point. A bound of the ledger
is reproduced within as much, for bounds allow for what the checker forgives."""

GAP_RELATIVE = 1e-9
"""Objective and bound nearer than this share of the larger one, or than MONEY_RELATIVE of the gross cost, are equal."""


def money_tolerance(*amounts: float) -> float:
    """By how much these amounts, in currency, may differ and still count as equal."""
    return MONEY_RELATIVE * max(1.0, *map(abs, amounts))


def is_same_money(one: float, other: float) -> bool:
    """Are two amounts equal within the tolerance? An infinite one equals only itself."""
    return one == other or abs(one - other) <= money_tolerance(one, other) < math.inf


def is_refuted(bound: float, objective: float) -> bool:
    """Does a lower bound lie above the objective of a plan by more than the tolerance? Then one of them is wrong."""
    return bound > objective and not is_same_money(bound, objective)


def is_same_claim(claim: float, objective: float) -> bool:
    """Is what a contender says that its plan costs the recomputed cost, within CLAIM_RELATIVE?"""
    return abs(claim - objective) <= CLAIM_RELATIVE * max(1.0, abs(claim), abs(objective)) < math.inf


# --- data ---------------------------------------------------------------------------------------------------

ROUNDING = 1e-12
"""Relative: a load of 0.1 + 0.2 kW fits a limit of 0.3 kW."""

SLOPE = 1e-9
"""Relative: by how much a slope may break convexity."""

# --- formulations -------------------------------------------------------------------------------------------

PLUGGED_SHARE = 1.01
"""Of the least power that counts as charging: where plug changes count, a pack on a charger draws at least this, for
one at 0 kW would count as unplugged. The reference model asks for what counts only, and so bounds every plan."""

EDGE_MERGE = 1e-3
"""Edges of bands nearer than this share of a slot's full charge become one: tiny bands ruin the scaling."""

SAME_STATE_DIGITS = 9
"""Energies in kWh that agree to this many digits are one state of an on/off pack. Far below ENERGY_KWH; ladders of
packs that differ by rounding noise become one."""

NARROWEST_BAND_KWH = 1e-5
"""Energies needed at hand-over that are nearer to each other share an edge."""

EQUAL = 1e-9
"""Energies (relative), coefficients and kWh nearer than this are the same."""

SMALLEST_COEFFICIENT = 1e-12
"""Coefficients below this are rounding noise of a zero."""

# --- engine -------------------------------------------------------------------------------------------------

DUST_KW = 1e-8
"""A power that a solver's point may have where it means none: schedules carry exact zeros. Cut off in every slot of a
day it is a quarter of ENERGY_KWH."""

NOISE_KW, NOISE_KWH = 1e-5, 1e-5
"""By how much a solver's point may pass a limit and be brought back to it: see POINT_FEASIBILITY."""

MISSING_KWH = ENERGY_KWH
"""A pack that misses a need by no more than this is ready, for the checker, for bounds and for plans alike."""

ROUNDED_SHARE = 1 - 1e-6
"""Of what the checker forgives, what plans use: it sums up in another order."""

REDUCED_COST = 1e-7
"""A reduced cost or a dual, in currency per kW or kWh, that is further from 0 fixes its column or row in every optimum.
HiGHS asks for as much of itself."""

SOLVER_KW = 1e-7
"""By how much the solver may leave a row of powers unmet. At prices beyond any tariff that is money: see Search."""

INTEGRALITY = 1e-5
"""A count nearer than this to an integer is integer."""

MASTER_WEIGHT = 1e-7
"""A charging pattern with less weight in a solution of the restricted master problem is not part of it."""

IMPROVEMENT = 1e-6
"""Relative: a plan cheaper by less is no better."""

SMALLEST_MONEY_GAP = 1e-8
"""The gap to which a MIP is solved where 0 is asked for, in currency."""

COARSE_STEP = 1e-4
"""A limit that its step makes higher by more than this share is given for a part of the time only: a tenth of what
profiles read back may differ from the plan in energy."""

SPARED_SHARE = 5e-4
"""Of what a pack charges, at most this is taken from it where set-points in steps do not fit the grid limit."""

# --- runs, studies, input of other programs -----------------------------------------------------------------

SAME_COST_RELATIVE = 1e-9
"""A plan made for another tariff is taken over where it costs no more than this share (of at least 1) above its own."""

SHORTEST_SECONDS = 1e-9
"""Divisor of a processor share where the clock has not moved on."""

URDB_TIER_PER_KWH = 5e-8
"""Currency: what 32-bit floats, which real files of the utility rate database hold, make of equal tiers."""

SOLUTION_INTEGRALITY = 1e-4
"""An integer column of a solution file may be this far from an integer; solvers take 1e-5 for integer."""

SOLUTION_FEASIBILITY = 1e-2
"""Relative: by how much a solution file may pass a row or column of its programme and be made good: what a solver in
whole steps, such as CP-SAT, leaves of rows of powers and energies. More is no rounding."""

POINT_FEASIBILITY = 1e-5
"""Relative: by how much a point of the benchmark may pass a row or column; solvers ask for 1e-6 of themselves."""

PRINTED_RELATIVE = 1e-8
"""Relative: the least that a number printed with nine digits may be off."""

SAME_GAP = 1e-9
"""Gaps of the ledger that differ by less are one: they are recomputed on another machine."""
