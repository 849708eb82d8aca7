"""The second solve: among plans that cost no more than the one found, the calm one: few starts, one power, early."""
