"""Rules of the ledger, without any input or output."""
