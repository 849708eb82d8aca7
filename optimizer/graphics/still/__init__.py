"""Drawings that stand without their page: SVG and PNG files. Changed by what slides and other programs can show."""
