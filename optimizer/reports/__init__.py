"""HTML pages of a plan, a run or a study. Changed by what readers want to see."""
