"""The scaling track: whole networks, drawn when they are needed and verified by hash. Changed by what is summed up."""
