"""What the terminal and `--json` say of an instance or a plan. Changed by what people and scripts read."""
