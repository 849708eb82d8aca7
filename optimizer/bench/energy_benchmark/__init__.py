"""Nights of the library as the Open Energy Benchmark takes problems. Changed with its form and the choice."""
