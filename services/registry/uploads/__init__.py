"""Uploaded files as they are read, judged and made into what is kept."""
