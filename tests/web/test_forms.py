"""Forms read what people type, keep it when it is wrong, and say what to do."""

import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, StringConstraints
from starlette.datastructures import UploadFile

from shared.web import typed
from shared.web.fields import Input, Prose, upload
from shared.web.formdata import Submitted, Value
from shared.web.forms import Form, new_form, parse
from shared.web.i18n import catalogues, speak, stop_speaking
from shared.web.refusals import MalformedBody
from shared.web.shapes import Shape
from tests.web.conftest import token_on
from tests.web.demo import Lot, Row

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


def read(*pairs: tuple[str, Value]) -> Form[Lot]:
    return parse(Submitted(list(pairs)), Lot)


def test_a_right_form_becomes_the_model() -> None:
    form = read(
        ("code", "  L-1 "),
        ("quantity", "1.250"),
        ("weight", "1.250,5"),
        ("harvested", "22/11/2026"),
        ("packed", "2026-11-22T08:30"),
        ("ripeness", "green"),
        ("note", "Dòng một\r\nDòng hai"),
        ("tags", "a"),
        ("tags", "b"),
        ("organic", "on"),
    )
    assert form.errors == {}
    assert form.value is not None
    assert form.value.code == "L-1"
    assert form.value.quantity == 1250
    assert form.value.weight == Decimal("1250.5")
    assert form.value.harvested == date(2026, 11, 22)
    assert form.value.packed == datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    assert form.value.note == "Dòng một\nDòng hai"
    assert form.value.tags == ["a", "b"]
    assert form.value.organic is True


def test_empty_inputs_are_absent_and_an_unchecked_box_is_no() -> None:
    form = read(("code", "L-1"), ("quantity", "1"), ("weight", ""), ("note", " "), ("tags", ""))
    assert form.value == Lot(code="L-1", quantity=1, organic=False)


class Caller(Input):
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9 ]+$")]
    email: Annotated[str, StringConstraints(pattern=r"^[^@]+@[^@]+$")]


def test_a_wrong_phone_number_or_address_is_answered_with_an_example() -> None:
    form = parse(Submitted([("phone", "abc"), ("email", "abc")]), Caller)
    assert "ví dụ 0912 345 678" in form.errors["phone"]
    assert "ví dụ ten@congty.vn" in form.errors["email"]


def test_errors_stand_at_their_fields_and_typed_values_stay() -> None:
    form = read(("quantity", "nhiều"), ("harvested", "30/02/2026"))
    assert form.value is None
    assert form.errors["code"] == "Mục này là bắt buộc. Hãy điền hoặc chọn."
    assert form.errors["quantity"] == "Hãy nhập một số nguyên, ví dụ 12."
    assert "ngày có thật" in form.errors["harvested"]
    assert form.text("quantity") == "nhiều"


def test_unknown_fields_are_refused() -> None:
    assert "unknown" not in read(("code", "L-1"), ("quantity", "1")).errors
    form = read(("code", "L-1"), ("quantity", "1"), ("is_admin", ""))
    assert form.value is None
    assert "is_admin" in form.errors


def test_a_single_value_sent_twice_is_refused() -> None:
    form = read(("code", "L-1"), ("code", "L-2"), ("quantity", "1"))
    assert form.errors["code"] == "Giá trị phải là một đoạn chữ duy nhất."


@pytest.mark.parametrize("name", ["code[$ne]", "code.$ne", "$where", "rows.x.code", "rows.0"])
def test_operators_in_names_reach_no_field(name: str) -> None:
    form = read(("quantity", "1"), (name, "1"))
    assert form.value is None


def test_names_that_contradict_each_other_are_malformed() -> None:
    with pytest.raises(MalformedBody):
        read(("code", "L-1"), ("code.x", "1"))


def test_rows_come_in_order_and_empty_ones_are_left_out() -> None:
    form = read(
        ("code", "L-1"),
        ("quantity", "1"),
        ("rows.10.code", "b"),
        ("rows.10.quantity", "2"),
        ("rows.2.code", "a"),
        ("rows.2.quantity", "0,5"),
        ("rows.3.code", ""),
        ("rows.3.quantity", ""),
    )
    assert form.value is not None
    assert form.value.rows == [
        Row(code="a", quantity=Decimal("0.5")),
        Row(code="b", quantity=Decimal(2)),
    ]


def test_an_error_in_a_row_stands_at_the_row_that_was_typed() -> None:
    form = read(
        ("code", "L-1"),
        ("quantity", "1"),
        ("rows.0.code", ""),
        ("rows.4.code", "a"),
        ("rows.4.quantity", "0"),
    )
    assert list(form.errors) == ["rows.4.quantity"]
    assert form.rows("rows") == range(5)
    assert form.rows("rows", extra=1) == range(6)


def test_a_number_with_two_readings_is_asked_about() -> None:
    form = read(("code", "L-1"), ("quantity", "1"), ("weight", "12.125"))
    assert "hai cách" in form.errors["weight"]
    assert form.value is None


@pytest.mark.parametrize(
    ("lang", "text", "value"),
    [
        ("vi", "12,125", "12.125"),
        ("vi", "12.5", "12.5"),
        ("vi", "0.125", "0.125"),
        ("vi", "1.250.000", "1250000"),
        ("vi", "1 250,5", "1250.5"),
        ("vi", "-3,5", "-3.5"),
        ("vi", "1,250.5", "1250.5"),
        ("en", "12.125", "12.125"),
        ("en", "1,250.5", "1250.5"),
        ("en", "1,250,000", "1250000"),
        ("zh", "1,250.5", "1250.5"),
    ],
)
def test_numbers_are_read_as_they_are_written(lang: str, text: str, value: str) -> None:
    assert typed.read(text, Shape(Decimal), lang) == value


@pytest.mark.parametrize("text", ["22/11/2026", "2026-11-22", "2026/11/22", "2026年11月22日"])
def test_days_are_read_day_first_or_year_first(text: str) -> None:
    assert typed.read(text, Shape(date), "zh") == "2026-11-22"


@given(
    st.one_of(
        st.decimals(allow_nan=False, allow_infinity=False, places=3),
        st.dates(min_value=date(1900, 1, 1)),
        st.integers(),
    ),
    st.sampled_from(["vi", "en", "zh"]),
)
def test_what_an_input_shows_is_read_back_unchanged(value: Decimal | date | int, lang: str) -> None:
    text = typed.write(value, lang)
    back = typed.read(text, Shape(type(value)), lang)
    if isinstance(value, date):
        assert date.fromisoformat(str(back)) == value
    else:
        assert Decimal(str(back)) == value


def test_text_is_normalised_so_that_equal_words_are_equal_bytes() -> None:
    decomposed = "Ha\u0323 Long"
    form = read(("code", decomposed), ("quantity", "1"))
    assert form.value is not None
    assert form.value.code == "Hạ Long"


def test_several_lines_need_a_field_that_takes_them() -> None:
    class Note(Input):
        title: str
        body: Prose

    form = parse(Submitted([("title", "a\nb"), ("body", "a\nb")]), Note)
    assert list(form.errors) == ["title"]
    assert parse(Submitted([("title", "a"), ("body", "a\x00b")]), Note).errors.keys() == {"body"}


def test_a_form_to_fill_in_shows_defaults_and_what_is_there() -> None:
    lot = Lot(
        code="L-9",
        quantity=3,
        weight=Decimal("12.125"),
        packed=datetime(2026, 11, 22, 1, 30, tzinfo=UTC),
        tags=["x", "y"],
        rows=[Row(code="a", quantity=Decimal(1))],
    )
    form = new_form(Lot, lot, quantity=4)
    assert form.text("code") == "L-9"
    assert form.text("quantity") == "4"
    assert form.text("weight") == "12,125"
    assert form.text("packed") == "2026-11-22T08:30"
    assert form.texts("tags") == ["x", "y"]
    assert form.text("rows.0.code") == "a"
    assert form.text("organic") == "on"
    assert new_form(Lot).text("ripeness") == "ripe"


def test_a_shown_form_sent_back_unchanged_gives_the_same_model() -> None:
    lot = Lot(code="L-9", quantity=3, weight=Decimal("12.125"), rows=[], harvested=date(2026, 1, 2))
    shown = new_form(Lot, lot)
    again = read(*((name, text) for name, texts in shown.raw.items() for text in texts))
    assert again.value == lot


def test_the_form_knows_what_is_required_and_how_long() -> None:
    form = new_form(Lot)
    assert form.required("code")
    assert not form.required("note")
    assert not form.required("organic")
    assert form.required("rows.0.code")
    assert form.limit("code", "max_length") == 20
    assert form.limit("tags", "max_length") is None
    assert not form.required("nothing")


def test_errors_speak_the_readers_language() -> None:
    token = speak("en", catalogues())
    try:
        form = read(("code", "x"), ("quantity", "1,250"), ("weight", "1,250"))
    finally:
        stop_speaking(token)
    assert form.errors["code"] == "Enter at least 3 characters."
    assert "two ways" in form.errors["weight"]


def test_an_upload_is_judged_by_size_and_content() -> None:
    class Proof(Input):
        scan: Annotated[UploadFile, upload(max_bytes=1000, kinds=("png",))] | None = None
        more: list[Annotated[UploadFile, upload(max_bytes=1000)]] = Field(default_factory=list)

    def sent(content: bytes, name: str = "a.png") -> Form[Proof]:
        file = UploadFile(io.BytesIO(content), filename=name, size=len(content))
        return parse(Submitted([("scan", file), ("more", file)]), Proof)

    assert sent(PNG).value is not None
    assert sent(PNG + b"0" * 1000).errors["scan"] == "Tệp lớn hơn 0.001 MB. Hãy chọn tệp nhỏ hơn."
    assert "không phải loại" in sent(b"<svg onload=alert(1)>").errors["scan"]
    assert sent(b"", name="").value == Proof()
    assert "scan" in parse(Submitted([("scan", "text")]), Proof).errors


async def test_a_wrong_form_comes_back_with_everything_typed(officer: httpx2.AsyncClient) -> None:
    token = await token_on(officer, "/console/demo")
    answer = await officer.post(
        "/console/demo",
        data={"csrf": token, "code": "<b>x</b>" * 5, "quantity": "0", "note": "</textarea>"},
    )
    assert answer.status_code == 422
    page = answer.text
    assert 'href="#f-code"' in page
    # The list of errors on top names each input, as does the input itself further down.
    assert re.search(r'<a href="#f-code">[^<]+: [^<]+</a>', page)
    assert "\0" not in page
    assert 'aria-describedby="f-code-hint f-code-error"' in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x</b>" not in page
    assert "</textarea></textarea>" not in page
    assert re.search(r'id="f-quantity".*value="0"', page)
    assert "Có 2 chỗ cần sửa" in page


async def test_a_refusal_of_the_domain_comes_back_at_its_field(
    officer: httpx2.AsyncClient,
) -> None:
    token = await token_on(officer, "/console/demo")
    data = {"csrf": token, "code": "CLOSED", "quantity": "1"}
    answer = await officer.post("/console/demo", data=data)
    assert answer.status_code == 409
    assert "Lô CLOSED đã đóng." in answer.text
    assert 'id="f-code-error"' in answer.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"csrf=%FF%FE", "application/x-www-form-urlencoded"),
        (b"csrf=\xff\xfe", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(3000)), "application/x-www-form-urlencoded"),
        (b'{"csrf": 1}', "application/json"),
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data"),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\xfe\r\n--x--\r\n',
            "multipart/form-data; boundary=x; charset=latin-1",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\na\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
async def test_a_form_that_cannot_be_read_is_malformed(
    officer: httpx2.AsyncClient, content: bytes, kind: str
) -> None:
    answer = await officer.post("/console/demo", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert "malformed_body" in answer.text


async def test_a_file_arrives(officer: httpx2.AsyncClient) -> None:
    token = await token_on(officer, "/console/demo")
    data = {"csrf": token, "title": "Nhãn"}
    files = {"picture": ("ảnh.png", PNG, "text/html")}
    answer = await officer.post("/console/demo/scan", data=data, files=files)
    assert (answer.status_code, answer.text) == (200, f"Nhãn:{len(PNG)}")
    files = {"picture": ("ảnh.png", b"MZ not a picture", "image/png")}
    answer = await officer.post("/console/demo/scan", data=data, files=files)
    assert answer.status_code == 422
