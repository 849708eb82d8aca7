"""Limits in steps that keep every rule of a plan. Changed by what chargers can be told."""
