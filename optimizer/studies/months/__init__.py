"""Billing months and years of which a study has a part: what of them counts. Changed together."""
