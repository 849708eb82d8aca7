"""The commands `import ...`. Changed by what users who bring their own tables and logs type and see."""
