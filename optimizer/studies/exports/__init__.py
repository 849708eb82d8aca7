"""A study's tables for other programs, with units. Changed by what spreadsheets and data frames take."""
