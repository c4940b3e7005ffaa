"""Draws the illustrations of the demo: kit, backgrounds, and a drawing for each kind of goods."""
