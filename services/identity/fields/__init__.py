"""What people and programs send: the fields of each form and body, with their limits."""
