"""Tariffs as they are billed, and the bill of any load: changed by a rule of billing, never by a solver."""
