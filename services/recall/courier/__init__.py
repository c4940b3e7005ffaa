"""The program that tells affected facilities and units of recalls, by mail and webhook."""
