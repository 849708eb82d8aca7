"""The library of instances: families, suites, hashes. Changed by a new family or version."""
