"""What people do in registry: one function an act, its state, events and audit record together."""
