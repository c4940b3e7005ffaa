"""RabbitMQ and the outbox: the only code of the system that touches the bus."""
