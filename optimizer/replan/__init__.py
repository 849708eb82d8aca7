"""The rest of a night, planned again from what is in the bays. Changed by what may be known of a running night."""
