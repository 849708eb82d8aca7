"""Networks and depots drawn from published facts. Changed by a fact with its source."""
