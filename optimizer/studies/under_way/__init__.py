"""A study while it runs: which part of a night a worker gets, how far it is. Changed by how studies are run."""
