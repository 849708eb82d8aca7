"""A run on one screen, for whoever pays for it. Changed by what is asked first in the morning."""
