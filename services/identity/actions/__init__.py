"""One function an act: what it reads, what the domain decides, what is kept and told."""
