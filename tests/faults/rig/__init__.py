"""What faults are made with: several nodes of each server, a bad network, limits and clocks."""
