"""Stations, packs, swaps, plans and what they cost: changed by the words of the problem, never by a formulation."""
