"""The audit ledger of every event, statistics, and what waits for whom."""
