"""Recordings and pictures that browsers cannot show, decoded in confined processes of their own."""
