"""What identity decides, without a database: units, accounts, sessions, codes and passwords."""
