"""Files as lines of cells: text, workbooks, XML and JSON. Changed by how files hold tables, not by what is in them."""
