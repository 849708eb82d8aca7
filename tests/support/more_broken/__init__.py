"""Broken plans of rules that need nights of their own; `broken_plans` has them in its table."""
