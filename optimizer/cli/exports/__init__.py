"""The commands `export ...`. Changed by what users who take plans and nights elsewhere type and see."""
