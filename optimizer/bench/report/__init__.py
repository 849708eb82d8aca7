"""The benchmark's report as HTML or Markdown. Changed by what readers compare."""
