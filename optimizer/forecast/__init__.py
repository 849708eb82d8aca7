"""What drivers may come: forecasts with their spread, learnt from logged swaps. Changed by how demand is estimated."""
