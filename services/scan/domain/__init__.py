"""What scan decides, without a database: intervals, verdicts, counts."""
