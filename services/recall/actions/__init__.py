"""What can be done with recalls: a function an act, a transaction each."""
