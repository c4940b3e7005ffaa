"""Goods on their way: transformations, shipments, receipts, stock, and where a lot came from."""
