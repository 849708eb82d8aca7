"""What policies make of days that do not follow the forecast: plans played, proven bounds, the card that tells it."""
