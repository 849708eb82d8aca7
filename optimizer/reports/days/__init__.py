"""The stations of a run as a list to search, and each one's day. Changed by what a dispatcher looks for."""
