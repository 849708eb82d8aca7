"""Rates of the U.S. Utility Rate Database as native tariffs. Changed by what that format can say."""
