"""Charts and pages as SVG, HTML and text; nothing here knows what is drawn. Changed by how things look."""
