"""Benchmarks: `python -m bench` prints what the README quotes."""
