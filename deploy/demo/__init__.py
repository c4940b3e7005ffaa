"""The demo province: data files that a person can edit, read and checked here."""
