"""The GS1 Digital Link resolver: from a key on a label to what is known of it, and where."""
