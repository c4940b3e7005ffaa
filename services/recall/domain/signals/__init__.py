"""Early warning (R55): facts that others told, rules over them, and the signals that they raise."""
