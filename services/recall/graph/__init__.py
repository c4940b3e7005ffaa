"""The genealogy as a graph in memory: whole numbers in columns, walked without a question to the
database. Nothing here reads or writes; `store/around.py` and `store/kept.py` fill graphs."""
