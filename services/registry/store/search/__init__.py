"""Facilities, products and growing areas in memory, so that lists and searches of them are fast.

`word_rows` knows which rows have a word that begins so, `columns` what the rows are narrowed and
counted by, `table` is one kind of record, `catalogue` all of them, kept up with the database.
docs/adr/0009 tells why.
"""
