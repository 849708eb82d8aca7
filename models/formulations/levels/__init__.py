"""Section 2: packs counted by energy band, for bounds. Changed with its equations only."""
