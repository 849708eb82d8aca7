"""Random nights with forecasts that spread, and random rules for them."""
