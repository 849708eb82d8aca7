"""What variants of a study have to do with each other: which can do all that another does. Changed together."""
