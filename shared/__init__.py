"""What several services need and that has no business meaning of one of them."""
