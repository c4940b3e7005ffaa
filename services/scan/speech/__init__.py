"""Verdicts spoken: files made ahead, by whoever changes a verdict's words (ADR 25)."""
