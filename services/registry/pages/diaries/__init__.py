"""Diaries of lots and growing areas, test results, and what the truth checks found."""
