"""From one night to the next: what stands in the bays, by the last plan or as it is. Changed by what nights hand on."""
