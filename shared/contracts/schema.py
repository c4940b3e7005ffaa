"""JSON Schemas and the AsyncAPI document, made from the event classes.

`python -m shared.contracts.schema` writes docs/asyncapi.json and the golden schemas that
tests/contracts compares against: an incompatible change fails there.
"""

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import shared.contracts
from shared.contracts.event import Event, known_types

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "contracts" / "golden"
ASYNCAPI = ROOT / "docs" / "asyncapi.json"


def all_types() -> dict[str, type[Event]]:
    """Every event class of the system by type, sorted."""
    for module in pkgutil.iter_modules(shared.contracts.__path__):
        importlib.import_module(f"shared.contracts.{module.name}")
    return dict(sorted(known_types().items()))


def schema(cls: type[Event]) -> dict[str, Any]:
    """The JSON Schema of an event's `data`, together with the envelope's own members."""
    return cls.model_json_schema(mode="serialization")


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: one channel, one operation and one message per event type."""
    channels, operations, messages, schemas = {}, {}, {}, {}
    for name, cls in all_types().items():
        inner = cls.model_json_schema(
            mode="serialization", ref_template=f"#/components/schemas/{name}/$defs/{{model}}"
        )
        schemas[name] = inner
        messages[name] = {
            "name": name,
            "title": cls.__name__,
            "summary": (cls.__doc__ or "").strip().split("\n")[0],
            "contentType": "application/cloudevents+json",
            "payload": {"$ref": f"#/components/schemas/{name}"},
        }
        channels[name] = {
            "address": name,
            "messages": {"event": {"$ref": f"#/components/messages/{name}"}},
            "bindings": {
                "amqp": {
                    "is": "routingKey",
                    "exchange": {"name": "traceability", "type": "topic", "durable": True},
                }
            },
        }
        operations[f"publish.{name}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{name}"},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "TXNG events",
            "version": "1.0.0",
            "description": "Facts the six services tell one another, as CloudEvents 1.0 in JSON.",
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _write(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


def main() -> None:
    _write(ASYNCAPI, asyncapi())
    for name, cls in all_types().items():
        _write(GOLDEN / f"{name}.json", schema(cls))


if __name__ == "__main__":
    main()
