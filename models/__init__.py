"""The problem and its mathematics: domain types, cost, formulations.

Nothing here reads a file, calls a solver or prints; `optimizer` imports `models`, never the reverse.
"""
