"""Re-plans near a previous plan: what is committed stays, where that costs no more than the best plan found."""
