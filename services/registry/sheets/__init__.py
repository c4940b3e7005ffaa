"""Spreadsheets and CSV files: how their columns are named, read and written."""
