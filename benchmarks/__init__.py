"""Measurements of the product against baselines in the same run: names of benchmarks in, figures out."""
