"""What an inspector without signal carries along: gathered, signed, kept."""
