"""Formulations as LP and MIP files, and solutions read back. Changed by a new formulation or a solver's format."""
