"""Digital Link URIs of every key: GS1's vectors, what is wrong with the others, any text at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import gs1, gs1_fields
from shared.gs1_link import FieldTwice, Uri, WrongOrder, parse
from tests.gs1 import vectors

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
texts = st.text(SET_82, min_size=1, max_size=20)
GTIN = "09520123456788"


@vectors.needs_standards
def test_there_are_as_many_official_vectors_as_the_standard_has() -> None:
    found = vectors.official()
    assert len(found) == 46
    assert sum(valid for _, _, valid in found) == 29


@vectors.needs_standards
@pytest.mark.parametrize(("path", "query", "valid"), vectors.official())
def test_the_official_vectors_are_judged_as_the_standard_does(
    path: str, query: str, valid: bool
) -> None:
    try:
        parse(path, query)
    except gs1.Gs1Error:
        assert not valid
    else:
        assert valid


@pytest.mark.parametrize(
    ("path", "query", "field", "error"),
    [
        (f"/01/{GTIN[:-1]}9", "", "01", gs1.WrongCheckDigit),
        ("/414/9520123456789", "", "414", gs1.WrongCheckDigit),
        ("/00/106141411234567898", "", "00", gs1.WrongCheckDigit),
        ("/253/1231231231233X", "", "253", gs1.WrongCheckDigit),
        ("/8006/095201234567890101", "", "8006", gs1.WrongCheckDigit),
        (f"/01/{GTIN}/21/1/10/2", "", "21", WrongOrder),
        (f"/01/{GTIN}/10/1/22/2", "", "10", WrongOrder),
        (f"/01/{GTIN}/254/1", "", "254", WrongOrder),
        (f"/01/{GTIN}/10/1/10/2", "", "10", FieldTwice),
        (f"/01/{GTIN}/01/{GTIN}", "", "01", FieldTwice),
        (f"/01/{GTIN}/10/1", "10=2", "10", FieldTwice),
        (f"/01/{GTIN}", "17=261231&17=261231", "17", FieldTwice),
        ("/00/106141411234567897", f"01={GTIN}", "01", FieldTwice),
        (f"/01/{GTIN}", "17=261331", "17", gs1.WrongLength),
        (f"/01/{GTIN}", "17=26123", "17", gs1.WrongLength),
        (f"/01/{GTIN}", "17=", "17", gs1.WrongLength),
        (f"/01/{GTIN}", "17", "17", gs1.WrongLength),
        (f"/01/{GTIN}", "17=2612x1", "17", gs1.ForbiddenCharacter),
        (f"/01/{GTIN}", "99=a+b", "99", gs1.ForbiddenCharacter),
        (f"/01/{GTIN}", "99=%0A", "99", gs1.ForbiddenCharacter),
        (f"/01/{GTIN}", "999=1", "999", gs1_fields.UnknownField),
        (f"/01/{GTIN}", f"{'9' * 500}=1", "99999", gs1_fields.UnknownField),
        (f"/01/{GTIN}/10/{'x' * 21}", "", "10", gs1.WrongLength),
        (f"/01/{GTIN}/10/%C3%A9", "", "10", gs1.ForbiddenCharacter),
        # Cyrillic А, full-width and Arabic digits look right and are not.
        (f"/01/{GTIN}/10/%D0%90BC", "", "10", gs1.ForbiddenCharacter),
        ("/01/%EF%BC%90" + GTIN[1:], "", "01", gs1.ForbiddenCharacter),
        ("/01/%D9%A0" + GTIN[1:], "", "01", gs1.ForbiddenCharacter),
        (f"/01/{GTIN}%00", "", "01", gs1.ForbiddenCharacter),
        (f"/01/{GTIN}%", "", "01", gs1.ForbiddenCharacter),
        (f"/01/{GTIN}\n", "", "01", gs1.ForbiddenCharacter),
        ("/01/9520123456788", "", "01", gs1.WrongLength),
        ("/01/", "", "path", gs1.NotADigitalLink),
        (f"/01/{GTIN}/10", "", "path", gs1.NotADigitalLink),
        (f"/01/{GTIN}//", "", "path", gs1.NotADigitalLink),
        ("/02/09520123456788", "", "path", gs1.NotADigitalLink),
        ("/" + "a" * 10_000, "", "path", gs1.WrongLength),
        (f"/01/{GTIN}", "a=" + "b" * 10_000, "path", gs1.WrongLength),
        (f"/01/{GTIN}", "&".join(["a=1"] * 100), "path", gs1.WrongLength),
    ],
)
def test_what_is_wrong_is_named_by_its_field(
    path: str, query: str, field: str, error: type[gs1.Gs1Error]
) -> None:
    with pytest.raises(gs1.Gs1Error) as caught:
        parse(path, query)
    assert type(caught.value) is error
    assert caught.value.field == field


def test_a_slash_at_the_end_and_what_apps_append_are_tolerated() -> None:
    expected = Uri("01", GTIN, (("10", "a/b"),), {"17": "261231"})
    assert parse(f"/01/{GTIN}/10/a%2fb/", "fbclid=x&17=261231&utm_source=zalo&x") == expected
    assert expected.path() == f"/01/{GTIN}/10/a%2Fb"
    assert (expected.get("10"), expected.get("17"), expected.get("21")) == ("a/b", "261231", "")


@given(texts, texts, texts)
def test_what_is_written_is_read_back(variant: str, lot: str, serial: str) -> None:
    uri = Uri("01", GTIN, (("22", variant), ("10", lot), ("21", serial)))
    assert parse(uri.path()) == uri


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_path_and_query_are_read_or_refused_and_nothing_else(tail: str, query: str) -> None:
    try:
        uri = parse(f"/01/{GTIN}/{tail}", query)
    except gs1.Gs1Error:
        return
    assert all(set(value) <= set(SET_82) for _, value in uri.qualifiers)
