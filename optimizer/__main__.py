"""`python -m optimizer` is `swapcharge`."""

from optimizer.cli import main

main()
