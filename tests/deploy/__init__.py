"""Tests of the launcher, the servers and the deployment files."""
