"""Experiments: who sees which arm, how many users it takes, what was seen, what came of it."""
