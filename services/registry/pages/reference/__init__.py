"""What records are held to: catalogues, groups of products, markets, the data standard."""
