"""A posted form is done, or comes back as it was typed with what is to be mended."""

import io
from typing import Annotated

import httpx2
from starlette.datastructures import UploadFile

from shared.errors import EditConflict, NotFound
from shared.once import KeyReused
from shared.web.fields import Input, upload
from shared.web.formdata import Submitted
from shared.web.forms import Form, new_form, parse
from tests.web.conftest import token_on

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


class Sheet(Input):
    title: str
    scan: Annotated[UploadFile, upload(max_bytes=1_000, kinds=("png",))] | None = None
    key: str = ""
    version: int = 0


def sheet(title: str = "Bìa", data: bytes = PNG, **more: str) -> Form[Sheet]:
    file = UploadFile(io.BytesIO(data), size=len(data), filename="a.png" if data else "")
    pairs: list[tuple[str, str | UploadFile]] = [("title", title), ("scan", file), *more.items()]
    return parse(Submitted([*pairs]), Sheet)


async def sent(browser: httpx2.AsyncClient, code: str) -> httpx2.Response:
    token = await token_on(browser, "/console/demo")
    data = {"csrf": token, "code": code, "quantity": "7", "note": "Giữ <lại> nhé"}
    return await browser.post("/console/demo", data=data)


async def test_a_form_that_is_right_is_done(officer: httpx2.AsyncClient) -> None:
    answer = await sent(officer, "L-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/demo/done")


async def test_a_refusal_brings_the_form_back_with_its_status(officer: httpx2.AsyncClient) -> None:
    answer = await sent(officer, "CLOSED")
    assert answer.status_code == 409
    assert "Lô CLOSED đã đóng." in answer.text
    assert "Giữ &lt;lại&gt; nhé" in answer.text


async def test_whoever_has_to_wait_is_told_how_long(officer: httpx2.AsyncClient) -> None:
    answer = await sent(officer, "LATER")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert "Giữ &lt;lại&gt; nhé" in answer.text


async def test_a_proof_is_asked_for_on_its_own_page(officer: httpx2.AsyncClient) -> None:
    answer = await sent(officer, "PROOF")
    assert answer.status_code == 401
    assert 'action="/account/proof?next=' in answer.text
    assert "Giữ &lt;lại&gt; nhé" in answer.text


def test_a_file_that_cannot_be_kept_is_asked_for_again() -> None:
    lost = "Tệp đã chọn không giữ lại được. Hãy chọn lại tệp rồi gửi."
    assert sheet("").errors["scan"] == lost
    refused = sheet().refused(EditConflict("title"))
    assert refused.errors["scan"] == lost
    assert refused.errors["title"] == EditConflict.message


def test_what_is_wrong_with_a_file_is_said_rather_than_that_it_is_lost() -> None:
    assert "không phải loại" in sheet("", data=b"text").errors["scan"]


def test_a_file_that_is_kept_or_was_never_chosen_is_not_asked_for() -> None:
    assert "scan" not in sheet().kept_files("scan").refused(EditConflict()).errors
    assert "scan" not in sheet("", data=b"").errors


def test_a_form_that_is_right_asks_for_nothing() -> None:
    assert sheet().errors == {}


def test_the_refusal_stays_with_the_form() -> None:
    gone = NotFound("title")
    assert sheet().refused(gone).refusal is gone
    assert sheet().refusal is None


def test_a_form_done_before_and_changed_since_is_sent_again_as_a_new_one() -> None:
    again = sheet(key="k-1").refused(KeyReused())
    assert again.text("key") not in ("", "k-1")
    assert again.text("title") == "Bìa"
    # Any other refusal leaves the key: sent again, the form is still the same one.
    assert sheet(key="k-1").refused(EditConflict()).text("key") == "k-1"
    assert "key" not in new_form(Sheet).refused(KeyReused()).raw


def test_a_form_goes_on_from_another_version() -> None:
    assert sheet(version="3").from_version(5).text("version") == "5"
