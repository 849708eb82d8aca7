"""How processor seconds grow with packs, swaps, slots and types. Changed by what is grown, and how it is told."""
