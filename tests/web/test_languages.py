"""Languages: negotiation by q-values, plurals, formats, and texts that are never markup."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from markupsafe import Markup

from shared.errors import NotFound, Phrase
from shared.web import filters
from shared.web.environment import make_environment
from shared.web.i18n import (
    Catalogues,
    catalogues,
    fill,
    language_tag,
    negotiate,
    speak,
    stop_speaking,
    translate,
    worded,
)

TEXTS = Catalogues(
    {"en": {"Còn {count} lô": ("{count} lot left", "{count} lots left"), "A <b>": ("An <i>",)}}
)


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("", "vi"),
        ("en", "en"),
        ("en-US,en;q=0.5", "en"),
        ("vi;q=0.5, en;q=0.9", "en"),
        ("vi, en", "vi"),
        ("fr, de;q=0.7", "vi"),
        ("fr, *;q=0.5", "vi"),
        ("vi;q=0, *", "en"),
        ("en;q=0, vi;q=0.1", "vi"),
        ("zh-Hans-CN, en;q=0.1", "en"),
        ("en;q=2, vi;q=0.1", "vi"),
        ("en;q=x", "vi"),
        (";;,,;q=1", "vi"),
        ("*;q=0", "vi"),
    ],
)
def test_the_best_language_is_chosen(header: str, lang: str) -> None:
    assert negotiate(header, ["vi", "en"]) == lang


def test_the_service_decides_which_languages_there_are() -> None:
    assert negotiate("zh-CN", ["vi", "en", "zh"]) == "zh"
    assert catalogues().languages == ("vi", "en", "zh")


@pytest.mark.parametrize(
    "header",
    [
        "zh",
        "zh-CN,zh;q=0.9,en;q=0.8",
        "zh-TW,zh-HK;q=0.9,en-US;q=0.7",
        "zh-Hans-SG",
        "fr;q=0.9, zh-Hant;q=0.95, vi;q=0.5",
    ],
)
def test_every_chinese_is_answered_in_the_one_we_have(header: str) -> None:
    assert negotiate(header, catalogues().languages) == "zh"
    assert language_tag("zh") == "zh-Hans"
    assert language_tag("vi") == "vi"


def test_data_is_said_in_the_readers_language_as_far_as_it_was_given() -> None:
    assert worded("Na dai", "Custard apple", lang="vi") == "Na dai"
    assert worded("Na dai", "Custard apple", lang="en") == "Custard apple"
    assert worded("Na dai", "", lang="en") == "Na dai"
    assert worded("Na dai", "Custard apple", lang="zh") == "Custard apple"
    assert worded("Na dai", lang="zh") == "Na dai"
    assert worded("Na dai", "Custard apple", "番荔枝", lang="zh") == "番荔枝"
    assert worded("Thu hoạch", "Harvesting", lang="zh") == "采收"
    assert worded("Thu hoạch", "Harvesting", lang="en") == "Harvesting"


def test_plurals_follow_the_count() -> None:
    assert TEXTS.text("Còn {count} lô", "en", 1) == "{count} lot left"
    assert TEXTS.text("Còn {count} lô", "en", 2) == "{count} lots left"
    assert TEXTS.text("Còn {count} lô", "vi", 2) == "Còn {count} lô"


def test_filling_a_text_never_fails_nor_reaches_into_objects() -> None:
    assert fill("{a} {b}", {"a": 1}) == "1 {b}"
    assert fill("{a.__class__} {0}", {"a": 1}) == "{a.__class__} {0}"
    assert fill("50 % {", {}) == "50 % {"


def test_texts_and_values_are_escaped_but_markup_stays() -> None:
    template = make_environment("demo").from_string(
        "{{ _('A <b>') }}|{{ _('{x}', x='<i>') }}|{{ _('{x}', x=link) }}"
    )
    token = speak("en", TEXTS)
    try:
        shown = template.render(link=Markup("<a>"))
    finally:
        stop_speaking(token)
    assert shown == "An &lt;i&gt;|&lt;i&gt;|<a>"


def test_a_text_is_escaped_though_the_same_was_shown_as_markup_before() -> None:
    template = make_environment("demo").from_string("{{ _(text) }}")
    for text, shown in ((Markup("<i>"), "<i>"), ("<i>", "&lt;i&gt;"), (Markup("<i>"), "<i>")):
        assert template.render(text=text) == shown


def test_counts_are_shown_as_numbers_of_the_language() -> None:
    template = make_environment("demo").from_string("{{ _('Còn {count} lô', count=1250) }}")
    assert template.render() == "Còn 1.250 lô"
    token = speak("en", TEXTS)
    try:
        assert template.render() == "1,250 lots left"
    finally:
        stop_speaking(token)


def test_outside_a_request_texts_are_vietnamese() -> None:
    assert translate("Không tìm thấy") == "Không tìm thấy"
    assert translate("Không tìm thấy", "en") == "Not found"


def test_dates_and_numbers_are_vietnamese_and_local() -> None:
    late = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    assert filters.show_datetime(late) == "01:30 23/11/2026"
    assert filters.show_date(late.replace(tzinfo=None)) == "23/11/2026"
    assert filters.show_date(date(2026, 1, 2)) == "02/01/2026"
    assert filters.show_number(1234567) == "1.234.567"
    assert filters.show_number(Decimal("1250.5")) == "1.250,5"
    assert filters.show_number(3, 2) == "3,00"
    assert filters.show_place(21.026, 107.3521) == "21,026; 107,3521"
    assert filters.show_percent(0.955, 1) == "95,5%"
    assert filters.show_money(125000) == "125.000\u00a0₫"
    assert filters.show_filesize(2_500_000) == "2,5 MB"
    assert filters.show_timeago(late, late + timedelta(hours=3)) == "3 giờ trước"
    assert filters.show_timeago(late, late + timedelta(days=90)) == "23/11/2026"
    assert filters.show_code("ABCDEFGHJKMNPQRSTVWX") == "ABCDE-FGHJK-MNPQR-STVWX"


def test_running_text_in_another_language_is_marked_with_it() -> None:
    template = make_environment("demo").from_string(
        "{{ in_its_language('Ngọt <b>', 'Sweet <b>') }}|{{ in_its_language('Ngọt') }}|"
        "{{ in_its_language('Ngọt', '', '甜') }}"
    )
    assert template.render() == "Ngọt &lt;b&gt;|Ngọt|Ngọt"
    token = speak("zh", catalogues())
    try:
        assert template.render() == (
            '<span lang="en">Sweet &lt;b&gt;</span>|<span lang="vi">Ngọt</span>|甜'
        )
    finally:
        stop_speaking(token)


def test_dates_and_numbers_are_chinese_for_chinese_readers() -> None:
    late = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    token = speak("zh", catalogues())
    try:
        assert filters.show_datetime(late) == "2026年11月23日 01:30"
        assert filters.show_number(Decimal("1234567.5")) == "1,234,567.5"
        assert filters.show_percent(0.955, 1) == "95.5%"
        assert filters.show_timeago(late, late + timedelta(hours=3)) == "3小时前"
    finally:
        stop_speaking(token)


@pytest.mark.parametrize("show", [*filters.FILTERS.values()])
def test_what_is_not_there_is_a_dash(show: object) -> None:
    assert show(None) == "—"  # type: ignore[operator]


def test_a_phrase_within_a_message_is_spoken_in_its_language_however_deep() -> None:
    outer = Phrase("{what}!", {"what": Phrase("Còn {count} lô", {"count": 2})})
    template = make_environment("demo").from_string("{{ _('{told}', told=outer) }}")
    assert translate("{told}", told=outer) == "Còn 2 lô!"
    assert template.render(outer=outer) == "Còn 2 lô!"
    token = speak("en", TEXTS)
    try:
        assert translate("{told}", told=outer) == "2 lots left!"
        assert template.render(outer=outer) == "2 lots left!"
    finally:
        stop_speaking(token)
    assert str(outer) == "Còn 2 lô!"


def test_a_refusal_within_a_message_is_spoken_too() -> None:
    assert translate("{why}", "en", why=NotFound()) == translate(NotFound.message, "en")
    assert translate("{why}", why=NotFound()) == NotFound.message


def test_what_a_phrase_holds_is_never_markup() -> None:
    template = make_environment("demo").from_string("{{ _('{told}', told=told) }}")
    shown = template.render(told=Phrase("{name}", {"name": "<b>"}))
    assert shown == "&lt;b&gt;"


def test_a_text_that_only_looks_like_a_message_is_not_translated() -> None:
    assert translate("{name}", "en", name="Không tìm thấy") == "Không tìm thấy"
