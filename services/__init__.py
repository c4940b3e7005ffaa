"""The six services: self-contained, none imports another."""
