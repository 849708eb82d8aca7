"""Section 6: who serves which swap, by column generation. Changed with its equations only."""
