"""The columns of each table: names, units, defaults, meanings, and what else operators call them."""
