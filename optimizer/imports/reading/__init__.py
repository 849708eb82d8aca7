"""An operator's table read as rows of our columns. Changed by how operators write names, units and cells."""
