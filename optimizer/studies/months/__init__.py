"""Billing months of which a study has a part, and what all of a study's nights cost at least. Changed together."""
