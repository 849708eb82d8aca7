"""What is kept of a benchmark run, and how it is measured. Changed by a column or a metric."""
