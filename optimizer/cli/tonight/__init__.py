"""The command `tonight`: the commands of a whole night, one after the other, from one file; a step is a line here."""
