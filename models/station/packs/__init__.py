"""Packs in the station when the night begins: their charge, the rounding of their meters, their temperatures."""
