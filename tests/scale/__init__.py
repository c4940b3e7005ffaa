"""The parts of the scale bench: what is issued, by whom, how large it becomes, how it is asked."""
