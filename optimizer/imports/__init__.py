"""An operator's own tables made an instance. Changed by what such tables have in them, not by how they look."""
