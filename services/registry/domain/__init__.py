"""The rules of registry: what a record may contain and how it comes to be published. No I/O."""
