"""RabbitMQ's alarms: it takes nothing from publishers while memory or disk are short."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from deploy.local.rabbitmq import RabbitMQ

Alarm = Literal["memory", "disk"]
# What is too little, and what the nodes of tests are started with.
RAISED = {
    "memory": ("set_vm_memory_high_watermark", "0.00001"),
    "disk": ("set_disk_free_limit", "900000GB"),
}
CALM = {
    "memory": ("set_vm_memory_high_watermark", "0.4"),
    "disk": ("set_disk_free_limit", "100MB"),
}


@contextmanager
def alarm(node: RabbitMQ, kind: Alarm) -> Iterator[None]:
    node.ctl(*RAISED[kind])
    try:
        yield
    finally:
        node.ctl(*CALM[kind])
