"""Why swaps are lost, proven by re-solving; the least repair of each kind; what a pack, a charger, a kW is worth."""
