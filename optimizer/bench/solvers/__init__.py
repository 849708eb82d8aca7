"""The solvers that contenders use, a file each. Changed by a solver or its options."""
