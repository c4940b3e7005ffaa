"""Which collections change though nobody asked for anything: the code says it of each by its name.

`shared.mongo.Unasked` is what such a name is made as. Here all of them are found, and a test over
running services (tests/web/test_wrong_input.py) finds out whether one was forgotten.
"""

import importlib
import pkgutil
from functools import cache
from types import ModuleType

import services
import shared
from shared.mongo import Unasked


@cache
def unasked() -> frozenset[str]:
    """The names, of all services and of what they share."""
    return frozenset(
        value
        for package in (shared, services)
        for module in _modules(package)
        for value in vars(module).values()
        if isinstance(value, Unasked)
    )


def _modules(package: ModuleType) -> list[ModuleType]:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(one.name) for one in found]
