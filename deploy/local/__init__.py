"""Runs the whole system on one Debian machine, without systemd and without containers."""
