"""nginx before the services: one template for every way of running the system."""
