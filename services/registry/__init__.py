"""registry: facilities, growing areas, products, lots and their diaries, reviewed before shown."""
