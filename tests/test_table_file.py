"""Nothing of a file that somebody takes away stays on the disk, however the taking ends."""

import asyncio
import gc
import io
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import python_calamine
from starlette.requests import Request

from services.registry.actions.exporting import xlsx_pieces
from shared.spreadsheets import Workbook, workbook
from shared.web.table_file import PiecesResponse, table_file
from tests.polling import eventually

HEADERS: Final = ["Mã", "Tên"]
SCOPE: Final[dict[str, Any]] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "method": "GET",
    "path": "/table.xlsx",
    "headers": [],
}


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go, in this test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


async def rows(number: int = 5_000) -> AsyncIterator[Sequence[Any]]:
    for n in range(number):
        yield [n, "x" * 500]


async def endless(begun: asyncio.Event) -> AsyncIterator[list[Any]]:
    """Rows of which no more come."""
    yield [1, "x"]
    begun.set()
    await asyncio.sleep(3_600)


def left(disk: Path) -> list[str]:
    return sorted(str(path.relative_to(disk)) for path in disk.rglob("*"))


def response(name: str, made: AsyncIterator[Sequence[Any]]) -> PiecesResponse:
    found = table_file(Request({**SCOPE, "path": f"/table.{name}"}), "table", HEADERS, made)
    assert isinstance(found, PiecesResponse)
    return found


async def never() -> dict[str, Any]:
    await asyncio.sleep(3_600)
    return {}


async def test_a_file_that_was_taken_whole_leaves_nothing(disk: Path) -> None:
    body = b"".join(
        [piece async for piece in workbook(lambda file: Workbook(file, HEADERS), rows())]
    )
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(body))
    assert len(read.get_sheet_by_index(0).to_python()) == 5_001
    assert left(disk) == []


async def test_while_it_grows_all_of_it_lies_in_one_folder(disk: Path) -> None:
    for pieces in (
        workbook(lambda file: Workbook(file, HEADERS), endless(begun := asyncio.Event())),
        xlsx_pieces(HEADERS, endless(begun)),
    ):
        begun.clear()
        taking = asyncio.ensure_future(anext(aiter(pieces)))
        await begun.wait()
        assert len(list(disk.iterdir())) == 1
        assert len(left(disk)) > 1
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
        assert left(disk) == []


@pytest.mark.parametrize("spec", ["2.3", "2.4"])
async def test_whoever_goes_away_before_the_first_piece_leaves_nothing(
    disk: Path, spec: str
) -> None:
    begun = asyncio.Event()
    made = response("xlsx", endless(begun))

    async def gone() -> dict[str, Any]:
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    scope = {**SCOPE, "asgi": {"version": "3.0", "spec_version": spec}}
    taking = asyncio.create_task(made(scope, gone, send))
    await begun.wait()
    if spec == "2.4":  # There nobody listens: the server cancels it.
        taking.cancel()
    await asyncio.wait([taking])
    assert left(disk) == []


async def test_whoever_goes_away_in_the_middle_leaves_nothing(disk: Path) -> None:
    made = response("xlsx", rows(20_000))
    sent = []
    gc.disable()  # Else what nobody goes on with may be ended by luck.
    try:

        async def send(message: Any) -> None:
            sent.append(message)
            if len(sent) > 1:
                assert left(disk)
                raise OSError("the connection is gone")

        with pytest.raises(BaseException):  # noqa: B017, PT011 - whichever it is told as
            await made(SCOPE, never, send)
        assert len(sent) == 2
        assert left(disk) == []
    finally:
        gc.enable()


async def test_rows_that_fail_leave_nothing(disk: Path) -> None:
    async def failing() -> AsyncIterator[Sequence[Any]]:
        yield [1, "x"]
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError):
        [piece async for piece in workbook(lambda file: Workbook(file, HEADERS), failing())]
    assert left(disk) == []


async def test_who_goes_away_while_it_is_finished_leaves_nothing_once_it_is(disk: Path) -> None:
    finishing, go_on = threading.Event(), threading.Event()

    class Slow(Workbook):
        def close(self) -> None:
            finishing.set()
            assert go_on.wait(60)
            super().close()

    pieces = workbook(lambda file: Slow(file, HEADERS), rows(10))
    taking = asyncio.ensure_future(anext(aiter(pieces)))
    await eventually(finishing.is_set)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    go_on.set()
    await eventually(lambda: left(disk) == [])


async def test_the_rows_of_a_csv_file_end_with_its_answer(disk: Path) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def told() -> AsyncIterator[Sequence[Any]]:
        try:
            yield [1, "x"]
            begun.set()
            await asyncio.sleep(3_600)
        finally:
            ended.set()

    async def send(message: Any) -> None:
        pass

    taking = asyncio.create_task(response("csv", told())(SCOPE, never, send))
    await begun.wait()
    taking.cancel()
    await asyncio.wait([taking])
    assert ended.is_set()
