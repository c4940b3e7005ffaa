"""`./txng test faults --long`: many seeded runs of people's acts in the midst of faults."""
