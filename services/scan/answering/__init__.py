"""From an address to its answer: the page or the JSON, in the language that is read."""
