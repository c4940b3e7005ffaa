"""How answered scans become counts."""
