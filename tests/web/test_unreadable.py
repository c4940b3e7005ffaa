"""What is no HTTP is refused as everything else is, by a real server."""

import json
import socket

import pytest


@pytest.mark.parametrize(
    "head",
    [
        b"FOO /api/demo/v1/lots HTTP/1.1\r\nHost: x",
        b"GET /api/demo/v1/lots HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\x01b",
        b"GET /api/demo/v1/lots HTTP/1.1\r\nHost: x\r\nIdempotency-Key: a\x7fb",
        b"GET /api/demo/v1/lots HTTP/1.1\r\nHost: x\r\nContent-Length: -1",
        b"\x00\xff\xfe",
    ],
)
def test_a_request_that_cannot_be_read_gets_a_problem_document(server: str, head: bytes) -> None:
    host, _, port = server.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head + b"\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    said, _, body = answer.partition(b"\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in said
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (400, "malformed_request")
    assert problem["detail"]
