"""The record of nightly runs, listed and compared. Changed by what is kept of a run."""
