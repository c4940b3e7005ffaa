"""Recalls, withdrawals and warnings: ordered, carried to every replica, closed and lifted."""
