"""Section 9, whole charging patterns: nights with charger rules. Changed with its equations only."""
