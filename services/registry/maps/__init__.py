"""Maps as inline SVG."""
