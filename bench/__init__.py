"""Measurements. Each module prints ratios of one run: the product beside hand-written code on the same machine."""
