"""Official papers as A4 pages: their layout, and the forms that are one in all services."""
