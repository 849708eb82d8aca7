"""The command that says why swaps are lost."""
