"""identity: units, accounts, credentials, sessions, and the keys that verify access tokens."""
