"""The mathematics, equation by equation of models/README.md: changed by a new or better formulation."""
