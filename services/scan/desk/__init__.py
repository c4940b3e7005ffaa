"""What people do with scan: a program of its own, so that the replicas stay free of it."""
