"""Plans at once, without a solver: simple rules under load caps. Changed by a better simple rule."""
