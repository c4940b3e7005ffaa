"""Records: the work lists, a record and what may be done to it, its forms, imports and exports."""
