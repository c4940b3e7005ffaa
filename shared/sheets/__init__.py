"""Spreadsheets and CSV files that people upload: read into rows in a process of their own."""
