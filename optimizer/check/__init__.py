"""The independent checker, written from the words of the problem. It shares no code with formulations or engine."""
