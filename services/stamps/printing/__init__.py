"""Stamps on paper: pure functions from serials and codes to print-ready PDF sheets."""
