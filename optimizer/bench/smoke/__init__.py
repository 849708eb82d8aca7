"""The smallest suite against committed values. Changed with those values."""
