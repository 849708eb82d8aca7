"""Who can compete: the engine, baselines, formulations paired with solvers. Changed by a new contender."""
