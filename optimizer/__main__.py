"""`python -m optimizer` is `swapcharge`."""

from optimizer.cli.main import main

main()
