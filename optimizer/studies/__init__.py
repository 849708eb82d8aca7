"""What-if studies: nights under several tariffs and variants. Changed by what a study asks, runs or answers."""
