"""Bytes, JSON, tables, locks and error messages. Changed by how files are read and written, never by what they mean."""
