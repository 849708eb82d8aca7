"""Bays, and what stands in them of which no plan can make use."""
