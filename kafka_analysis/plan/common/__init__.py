"""What all planners share: checked input, what an assignment moves, and a plan or why there is none."""
