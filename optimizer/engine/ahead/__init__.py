"""Plans that look beyond their horizon, and what a plan leaves for the next day."""
