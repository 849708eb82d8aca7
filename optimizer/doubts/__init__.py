"""What no rule forbids and hardly anybody means, such as prices in a wrong unit. Changed by a new doubt."""
