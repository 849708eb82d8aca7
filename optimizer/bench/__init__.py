"""The benchmark: instances with a purpose, contenders, runs under one protocol, a report, best-known values."""
