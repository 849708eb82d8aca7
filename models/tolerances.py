"""Every tolerance of the project, in one place. The solver's own feasibility tolerance is 1e-6 or tighter."""

CHARGING_KW = 1e-4
"""A pack that draws more than this counts as charging; schedules carry exact zeros below it."""

POWER_KW = 1e-4
"""By how much a power may pass a limit before the checker says so."""

ENERGY_KWH = 1e-4
"""By how much an energy may miss a level before the checker says so."""

MONEY_RELATIVE = 1e-6
"""Recomputed cost and the solver's objective must agree to this share of the larger one (or of 1)."""
