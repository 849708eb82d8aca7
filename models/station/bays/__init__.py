"""Bays, the packs that stand in them when the night begins, and swaps that must be served."""
