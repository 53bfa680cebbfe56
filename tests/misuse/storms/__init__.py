"""Each module is one way to misbehave: a program of its own, so that it does not share an interpreter with the
people whose waiting is measured. `STORM` says what is measured beside it; `attack` does it (see ../storm.py)."""
