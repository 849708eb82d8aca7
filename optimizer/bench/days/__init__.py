"""The uncertainty track: policies on days of a forecast that they have never seen. Changed by what a score counts."""
