"""Plans as set-points of chargers: tables, OCPP profiles, both read back. Changed by what controllers take."""
