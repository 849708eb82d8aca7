"""Our file formats: documents, readers, writers, schemas. Changed by a key of a format."""
