"""What a replica knows of a stamp, and whether it may still be sure of it."""
