"""Where tasks run: worker processes here or on a Dask cluster. Changed by how work is spread, never by what it is."""
