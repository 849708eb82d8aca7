"""Best-known plans and bounds, verified. Changed by what counts as evidence."""
