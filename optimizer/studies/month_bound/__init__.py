"""What the nights of a study cost at least, planned at once: is its ranking proven? Changed by how it is bounded."""
