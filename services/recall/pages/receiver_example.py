"""A receiver of webhooks of the recall system that runs: `pip install cryptography`, then
`python receiver.py whsec_…`. It listens on port 8000; a web server in front of it does https.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE_SECONDS = 300
# Keep them in your database instead, so that they outlive a restart.
TAKEN: set[str] = set()


def check(secret: str, headers: Mapping[str, str], body: bytes, at: float | None = None) -> bool:
    """True if `body` (bytes, as received) was signed with the webhook's secret (whsec_…).

    `headers` with names in small letters. Compare `webhook-id` with those you have taken already:
    a message may come twice, under the same id.
    """
    if not _is_recent(headers, at):
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(key, _signed(headers, body), hashlib.sha256).digest()
    return any(hmac.compare_digest(made, given) for given in _given(headers, "v1"))


def check_by_public_key(
    keys: dict[str, Any], headers: Mapping[str, str], body: bytes, at: float | None = None
) -> bool:
    """The same without a secret; `keys` is what /recalls/webhook-keys.json answers. Fetch it again
    once a day, and when no key fits: keys are changed, the next one is published before its time.
    """
    if not _is_recent(headers, at):
        return False
    for key in keys["keys"]:
        public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=="))
        for given in _given(headers, "v1a"):
            try:
                public.verify(given, _signed(headers, body))
            except InvalidSignature:
                continue
            return True
    return False


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """What to answer to a message that was checked: a challenge is sent back as it came."""
    if message["type"] == "txng.contact.challenge.v1":
        return {"challenge": message["data"]["challenge"]}
    return {}


def _is_recent(headers: Mapping[str, str], at: float | None) -> bool:
    try:
        sent = int(headers.get("webhook-timestamp", ""))
    except ValueError:
        return False
    return abs((time.time() if at is None else at) - sent) <= TOLERANCE_SECONDS


def _signed(headers: Mapping[str, str], body: bytes) -> bytes:
    id_, sent = headers.get("webhook-id", ""), headers["webhook-timestamp"]
    return b".".join((id_.encode(), sent.encode(), body))


def _given(headers: Mapping[str, str], version: str) -> Iterator[bytes]:
    for one in headers.get("webhook-signature", "").split(" "):
        name, _, text = one.partition(",")
        if name == version:
            try:
                yield base64.b64decode(text)
            except binascii.Error:
                continue


class Receiver(BaseHTTPRequestHandler):
    secret = ""

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        if not check(self.secret, headers, body):
            self._say(401, {"error": "signature"})
            return
        message = json.loads(body)
        if message["id"] not in TAKEN:
            TAKEN.add(message["id"])
            # Here it goes into your own program.
            sys.stdout.write(f"{message['type']} {message['subject']}\n")
            sys.stdout.flush()
        self._say(200, answer(message))

    def _say(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Receiver.secret = sys.argv[1]
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 8000
    ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
