"""Plans for days that do not follow the forecast: stock levels, ready targets, the rule between re-plans."""
