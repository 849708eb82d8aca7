"""The commands: options, streams and exit codes. Changed by what users type and see, never by how it is worked out."""
