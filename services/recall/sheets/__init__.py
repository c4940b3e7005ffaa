"""Rows of goods as spreadsheets: the template, its columns, and what its cells mean."""
