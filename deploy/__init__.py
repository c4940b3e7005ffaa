"""Everything that runs the system: on one machine, in containers, behind nginx."""
