"""Sheets for signing, as A4 pages filled from the record."""
