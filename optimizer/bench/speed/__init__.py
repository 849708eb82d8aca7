"""Processor seconds by family, held against a committed baseline. Changed by what is measured, and how."""
