"""Contenders run on instances, each in its own process. Changed by the protocol."""
