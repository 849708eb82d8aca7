"""Networks as runs keep them: one file that needs no other."""
