"""A whole network planned in a night, resumable. Changed by how runs are scheduled, kept and summed up."""
