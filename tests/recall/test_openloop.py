"""The bench's load: every request is sent when due and every answer counted."""

import asyncio

from tests.recall.openloop import Connection, run

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


async def test_every_request_is_answered_and_counted() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(ANSWER)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    told = await run(300, 0.5, ["CODE"], [port])
    server.close()
    await server.wait_closed()
    assert told["failed"] == 0
    assert told["answered"] + told["unanswered"] >= 100
    assert told["answered"] > 0


def test_a_status_line_cut_in_two_is_one_answer() -> None:
    for cut in range(1, 2 * len(ANSWER)):
        latencies: list[float] = []
        connection = Connection(latencies)
        connection.due.extend([0.0, 0.0])
        both = ANSWER + ANSWER
        connection.data_received(both[:cut])
        connection.data_received(both[cut:])
        assert len(latencies) == 2, cut
        assert connection.failed == 0
