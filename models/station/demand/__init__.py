"""Days that do not follow the forecast: what may come, and the rule that a controller carries out then."""
