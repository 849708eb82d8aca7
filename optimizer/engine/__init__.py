"""One station's night: bound, plan, certificate. Changed by a better way to search."""
