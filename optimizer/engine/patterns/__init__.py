"""Column generation over whole charging patterns, for nights with charger rules. Changed by a better way to search."""
