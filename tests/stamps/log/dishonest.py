"""An operator of a log who has its key and answers as suits him: what a verifier must catch."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.stamps.log import checkpoints, tree
from services.stamps.log.leaves import canonical
from services.stamps.log.tree import Place

NAME = "txng.example/log"
CODE = "ABCDE-ABCDE-ABCDE-ABCDE"


def facts() -> list[dict[str, Any]]:
    """Two batches; what happens to serials of the first; a recall of its lot."""
    common = {"v": 1, "at": "2026-11-26T17:00:00Z"}
    notice: dict[str, list[Any]] = {
        "lots": [],
        "products": [],
        "facilities": [],
        "batches": [],
        "stamps": [],
    }

    def batch(number: int) -> dict[str, Any]:
        about = {"batch": number, "facility": "f", "product": f"p{number}", "quantity": 100}
        return {**common, "kind": "batch_issued", **about}

    def change(number: int, first: int, last: int, name: str, **more: str) -> dict[str, Any]:
        about = {"batch": 1, "number": number, "first": first, "last": last, "change": name}
        return {**common, "kind": "stamps_changed", **about, **more}

    return [
        batch(1),
        batch(2),
        change(1, 0, 9, "activate", lot="l"),
        change(2, 5, 5, "suspend"),
        change(3, 50, 59, "lost"),
        {**common, "kind": "notice", "type": "recall", **notice, "lots": ["other"]},
        {**common, "kind": "notice", "type": "recall", **notice, "lots": ["l"]},
        {**common, "kind": "hold", "scope": "batch", "target": "2", "active": True},
        {**common, "kind": "hold", "scope": "facility", "target": "f", "active": True},
    ]


class Operator:
    """Serves a log of these lines; each attribute can be bent by a test."""

    def __init__(self, lines: list[str] | None = None) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
        self.lines = [canonical(one) for one in facts()] if lines is None else lines
        self.shown: dict[int, str] = {}
        self.missing: set[int] = set()
        self.opened: dict[int, dict[str, str]] = {}
        self.told = [0, 2, 3, 6, 8]
        self.signed_at = int(time.time())
        self.identity = (1, 5)
        self.more = False

    @property
    def known(self) -> dict[Place, bytes]:
        kept, _ = tree.grown(0, {}, [line.encode() for line in self.lines])
        return {
            Place(level, ((number + 1) >> level) - 1): value
            for number, hashes in enumerate(kept)
            for level, value in enumerate(hashes)
        }

    @property
    def note(self) -> str:
        root = tree.root(len(self.lines), self.known)
        return checkpoints.signed(self.key, NAME, len(self.lines), root, self.signed_at).note

    def answer(self, path: str, asked: dict[str, int]) -> str | None:
        size = len(self.lines)
        if path == "/checkpoint":
            return self.note
        if path == "/key":
            return checkpoints.verifier_key(self.key, NAME)
        if path == "/entries":
            end = min(size, asked["start"] + asked["limit"])
            found = [self._entry(n) for n in range(asked["start"], end) if n not in self.missing]
            return json.dumps({"size": size, "entries": found})
        if path == "/proofs/consistency":
            runs = tree.consistency(asked["first"], asked["second"])
            return json.dumps({"path": self._path(runs)})
        if path.startswith("/stamps/"):
            batch, serial = self.identity
            proven = [
                {**self._entry(n), "path": self._path(tree.inclusion(n, asked["size"]))}
                for n in self.told
            ]
            about = {"batch": batch, "serial": serial, "size": size, "checkpoint": self.note}
            return json.dumps({**about, "entries": proven, "more": self.more})
        return None

    def _entry(self, number: int) -> dict[str, Any]:
        line = self.shown.get(number, self.lines[number])
        return {"index": number, "leaf": line, "opened": self.opened.get(number)}

    def _path(self, runs: list[tree.Range]) -> list[str]:
        return [base64.b64encode(one).decode() for one in tree.proof(runs, self.known)]


@contextmanager
def serving(operator: Operator) -> Iterator[str]:
    """The address at which the operator answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            asked = {name: int(values[0]) for name, values in parse_qs(url.query).items()}
            path = url.path.removeprefix("/api/stamps/v1/log")
            said = operator.answer(path, asked)
            self.send_response(404 if said is None else 200)
            self.end_headers()
            self.wfile.write((said or "").encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
