"""What one night keeps for the next: the network as one file that needs no other, the end of each plan."""
