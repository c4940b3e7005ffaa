"""Official documents: one description (`official.py`), written as DOCX and drawn as PDF."""
