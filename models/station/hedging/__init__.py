"""Plans for days that do not follow the forecast: what they keep ready, and what that is worth."""
