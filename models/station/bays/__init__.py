"""Bays, the packs in them when the night begins and what their meters say, and swaps that must be served."""
