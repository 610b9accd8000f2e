"""One file for each job that is measured: it puts up both sides, lets them run in turn and checks what came of it."""
