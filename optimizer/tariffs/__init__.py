"""Tariff files: import, description, bills. Changed by a format or a unit of the outside world."""
