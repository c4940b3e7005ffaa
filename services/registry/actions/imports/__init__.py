"""Imports: what their rows are about, what each would do, and its doing (R33)."""
