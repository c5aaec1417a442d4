"""Figures that the README states, each printed by one module: `python -m benchmarks.NAME`."""
