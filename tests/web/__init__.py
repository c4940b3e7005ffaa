"""The rules every service's pages and APIs keep, tried on a small application."""
