"""Section 3: the best powers of a known assignment. Changed with its equations only."""
