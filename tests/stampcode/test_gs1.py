"""GS1 keys, the address on a stamp, and Digital Link paths; biip and the official vectors judge."""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

import biip
import pytest
from biip.checksums import gs1_standard_check_digit
from hypothesis import given
from hypothesis import strategies as st

from shared import gs1

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CODE = "6RPQBW5ZZ408KEM9MEYE"
attributes = st.text(SET_82, min_size=1, max_size=20)
gtins = st.from_regex("[0-9]{13}", fullmatch=True).map(lambda d: d + gs1.check_digit(d))


@given(st.from_regex("[0-9]{1,30}", fullmatch=True))
def test_check_digits_are_those_that_biip_computes(digits: str) -> None:
    assert gs1.check_digit(digits) == str(gs1_standard_check_digit(digits))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09521234543213", "09521234543213"),
        ("09506000134352", "09506000134352"),
        ("9506000134352", "09506000134352"),
        ("614141123452", "00614141123452"),
        ("02345673", "00000002345673"),
    ],
)
def test_every_length_of_gtin_becomes_fourteen_digits(text: str, expected: str) -> None:
    assert gs1.gtin14(text) == expected
    assert gs1.is_gtin(text)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("09521234543214", gs1.WrongCheckDigit),
        ("0952123454321", gs1.WrongCheckDigit),
        ("952123454321", gs1.WrongCheckDigit),
        ("095212345432133", gs1.WrongLength),
        ("0", gs1.WrongLength),
        ("", gs1.NotDigits),
        ("0952123454321x", gs1.NotDigits),
        ("٠9521234543213", gs1.NotDigits),
        (" 9521234543213", gs1.NotDigits),
        ("09521234543213\n", gs1.NotDigits),
    ],
)
def test_what_is_no_gtin_is_refused_by_field(text: str, error: type[gs1.Gs1Error]) -> None:
    with pytest.raises(error) as caught:
        gs1.gtin14(text)
    assert caught.value.field == "gtin"
    assert not gs1.is_gtin(text)


@given(gtins, st.integers(0, 13), st.integers(1, 9))
def test_every_single_wrong_digit_of_a_gtin_is_noticed(gtin: str, place: int, by: int) -> None:
    wrong = gtin[:place] + str((int(gtin[place]) + by) % 10) + gtin[place + 1 :]
    assert gs1.is_gtin(gtin)
    assert not gs1.is_gtin(wrong)


def test_glns_and_ssccs_are_checked() -> None:
    assert gs1.gln13("9520123456788") == "9520123456788"
    assert gs1.sscc18("106141411234567897") == "106141411234567897"
    assert not gs1.is_gln("9520123456789")
    assert not gs1.is_gln("09520123456788")
    assert not gs1.is_sscc("106141411234567898")
    assert not gs1.is_sscc("6141411234567897")


def test_the_smallest_payload_is_all_upper_case_and_fits_version_2_m() -> None:
    payload = gs1.qr_payload("txng.test", CODE.lower())
    assert payload == f"HTTPS://TXNG.TEST/{CODE}"
    assert len(payload) == 38


@pytest.mark.parametrize(
    "host", ["", "a b", "txng.test/x", "-a", "a-", "tế.vn", "a:", "a:1x", "a@b"]
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(gs1.NotAHost):
        gs1.qr_payload(host, CODE)


def test_a_digital_link_names_product_lot_and_stamp_in_the_order_of_the_standard() -> None:
    link = gs1.digital_link("TXNG.TEST", "9506000134352", CODE, lot="L/1")
    assert link == f"https://txng.test/01/09506000134352/10/L%2F1/21/{CODE}"
    assert gs1.digital_link("localhost:8080", "9506000134352", CODE) == (
        f"https://localhost:8080/01/09506000134352/21/{CODE}"
    )


@pytest.mark.parametrize(
    ("lot", "error"),
    [
        ("", gs1.WrongLength),
        ("x" * 21, gs1.WrongLength),
        ("L 1", gs1.ForbiddenCharacter),
        ("lô", gs1.ForbiddenCharacter),
        ("a#b", gs1.ForbiddenCharacter),
        ("a\x00", gs1.ForbiddenCharacter),
    ],
)
def test_a_lot_outside_of_the_standard_is_refused(lot: str, error: type[gs1.Gs1Error]) -> None:
    with pytest.raises(error) as caught:
        gs1.digital_link("txng.test", "9506000134352", CODE, lot)
    assert caught.value.field == "lot"


@given(gtins, attributes, st.none() | attributes)
def test_a_digital_link_reads_back_here_and_in_biip(
    gtin: str, serial: str, lot: str | None
) -> None:
    link = gs1.digital_link("txng.test", gtin, serial, lot)
    assert gs1.parse_link_path(urlsplit(link).path) == gs1.DigitalLink(gtin, None, lot, serial)
    judge = biip.parse(link).gs1_digital_link_uri
    assert judge is not None
    said = {found.ai.ai: found.value for found in judge.element_strings}
    assert said == {"01": gtin, "21": serial} | ({"10": lot} if lot else {})


def test_a_path_with_every_qualifier_is_read_and_a_slash_at_the_end_tolerated() -> None:
    expected = gs1.DigitalLink("09520123456788", "2A", "a/b", "%")
    assert gs1.parse_link_path("/01/09520123456788/22/2A/10/a%2fb/21/%25") == expected
    assert gs1.parse_link_path("/01/09520123456788/22/2A/10/a%2Fb/21/%25/") == expected
    assert gs1.parse_link_path("/01/09520123456788/") == gs1.DigitalLink("09520123456788")


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("", "path"),
        ("/", "path"),
        ("01/09520123456788", "path"),
        ("/gtin/09520123456788", "path"),
        ("/01/09520123456788//", "path"),
        ("/01/09520123456788/21/1/10/1", "path"),
        ("/01/09520123456788/10/1/22/1", "path"),
        ("/01/09520123456788/21/1/21/2", "path"),
        ("/01/09520123456788/17/201225", "path"),
        ("/01/09520123456788/21/1\n", "serial"),
        ("/01/09520123456789", "gtin"),
        ("/01/9520123456788", "gtin"),
        ("/01/0952012345678%38", "gtin"),
        ("/01/", "gtin"),
        ("/01/09520123456788/21/", "serial"),
        ("/01/09520123456788/21//", "serial"),
        ("/01/09520123456788/21/" + "x" * 21, "serial"),
        ("/01/09520123456788/21/%", "serial"),
        ("/01/09520123456788/21/%4", "serial"),
        ("/01/09520123456788/21/%zz", "serial"),
        ("/01/09520123456788/21/%00", "serial"),
        ("/01/09520123456788/21/%C3%A9", "serial"),
        ("/01/09520123456788/21/é", "serial"),
        ("/01/09520123456788/10/a<b/21/1", "lot"),
        ("/01/09520123456788/10/a%20b/21/1", "lot"),
        ("/01/09520123456788/22/^", "variant"),
    ],
)
def test_what_is_no_link_path_is_refused_by_field(path: str, field: str) -> None:
    with pytest.raises(gs1.Gs1Error) as caught:
        gs1.parse_link_path(path)
    assert caught.value.field == field


@given(st.text(max_size=60).map(lambda tail: f"/01/09520123456788/21/{tail}"))
def test_any_path_is_read_or_refused_and_nothing_else(path: str) -> None:
    try:
        link = gs1.parse_link_path(path)
    except gs1.Gs1Error:
        return
    assert link.serial is not None
    assert set(link.serial) <= set(SET_82)


def official_vectors() -> list[dict[str, str | bool]]:
    folder = os.environ.get("TXNG_STANDARDS_DIR")
    if not folder:
        return []
    return list(json.loads((Path(folder) / "gs1" / "digital-link-uri-vectors.json").read_text()))


def judged_by_its_path(uri: str) -> bool:
    """Product links whose verdict does not hang on the host, a stem or the query attributes."""
    url = urlsplit(uri)
    return url.path.startswith("/01/") and "/235/" not in url.path and "[" not in uri


@pytest.mark.skipif(
    not os.environ.get("TXNG_STANDARDS_DIR"),
    reason="the official vectors are in the folder that TXNG_STANDARDS_DIR names; it is not set",
)
def test_the_official_vectors_of_product_paths_agree() -> None:
    vectors = [v for v in official_vectors() if judged_by_its_path(str(v["uri"]))]
    judged = 0
    for vector in vectors:
        url = urlsplit(str(vector["uri"]))
        if not vector["valid"] and url.query:
            continue  # The query is at fault; a path parser has no say in that.
        judged += 1
        if not vector["valid"]:
            with pytest.raises(gs1.Gs1Error):
                gs1.parse_link_path(url.path)
            continue
        link = gs1.parse_link_path(url.path)
        parts = [("01", link.gtin), ("22", link.variant), ("10", link.lot), ("21", link.serial)]
        elements = [f"{ai}{value}" for ai, value in parts if value is not None]
        # The GTIN has a fixed length, so nothing separates it from what follows.
        path_part = "^" + elements[0] + "^".join(elements[1:])
        assert str(vector["ai"]).startswith(path_part), vector["uri"]
    assert judged >= 18
