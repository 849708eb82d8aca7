"""The commands `bench ...`. Changed by what benchmark users type and see."""
