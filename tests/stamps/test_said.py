"""What an authority says in public of stamps: of exactly these, until it changes them again."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stamps.domain.intervals import issued
from services.stamps.domain.life import change_of_state
from services.stamps.domain.said import SILENT, TooManySaid, Words, retold
from shared.contracts.event import decode, encode
from shared.contracts.stamps import (
    MAX_PUBLIC_REASON,
    MAX_SAID,
    SEGMENT_SERIALS,
    IntervalsChanged,
    Said,
    SegmentPublished,
)
from shared.ids import now
from tests.answers import ok, refused
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_serials import unchanged

SIZE = 30
WHY = "Tem in lỗi, <b>không</b> dùng & đã thay"


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).map(sorted),
            st.sampled_from(["", "một", "hai"]),
        ),
        max_size=20,
    )
)
def test_of_every_serial_stands_what_was_said_last(done: list[tuple[list[int], str]]) -> None:
    said: tuple[Said, ...] = ()
    last_words = dict.fromkeys(range(SIZE), "")
    for (first, last), text in done:
        said = retold(said, first, last, Words(text))
        last_words.update(dict.fromkeys(range(first, last + 1), text))
    told = {n: one.text for one in said for n in range(one.first, one.last + 1)}
    assert {n: told.get(n, "") for n in range(SIZE)} == last_words
    assert all(a.last < b.first for a, b in itertools.pairwise(said))
    assert all(one.text for one in said)


def test_neighbours_with_the_same_words_are_one_and_too_many_others_are_refused() -> None:
    said: tuple[Said, ...] = ()
    for n in range(MAX_SAID + 20):
        said = retold(said, n, n, Words("cùng một lời"))
    assert said == (Said(first=0, last=MAX_SAID + 19, text="cùng một lời"),)
    said = ()
    for n in range(MAX_SAID):
        said = retold(said, 2 * n, 2 * n, Words("lời"))
    with pytest.raises(TooManySaid):
        retold(said, 2 * MAX_SAID, 2 * MAX_SAID, Words("lời"))


def test_where_very_much_is_said_words_are_still_taken_off_stamps_in_the_middle() -> None:
    said: tuple[Said, ...] = ()
    for n in range(MAX_SAID):
        said = retold(said, 10 * n, 10 * n + 8, Words(f"lời {n}"))
    parted = retold(said, 4, 4, SILENT)
    assert parted[:2] == (Said(first=0, last=3, text="lời 0"), Said(first=5, last=8, text="lời 0"))
    segment = issued(1, "f", "p", SEGMENT_SERIALS)[0]
    whole = segment.changed(0, 0, change_of_state("suspend"))
    assert len(replace(whole, said=parted).published(now()).said) == MAX_SAID + 1


def test_words_are_taken_off_however_much_is_said() -> None:
    """Else what takes stamps out of use, and says nothing, would be refused for words of before."""
    every_second = tuple(Said(first=n, last=n, text=f"{n}") for n in range(0, 2 * 1_000, 2))
    parted = retold((Said(first=0, last=9_000, text="lời"),), 4, 4, SILENT)
    assert len(parted) == 2
    assert len(retold(every_second, 4, 4, SILENT)) == 999
    whole = issued(1, "f", "p", SEGMENT_SERIALS)[0]
    read = decode(encode(replace(whole, said=every_second).published(now())))
    assert isinstance(read, SegmentPublished)
    assert len(read.said) == 1_000


def test_words_over_two_segments_stand_in_each_for_its_own_serials() -> None:
    both = issued(1, "f", "p", 2 * SEGMENT_SERIALS)
    edge = SEGMENT_SERIALS
    suspend = change_of_state("suspend")
    first, second = [one.changed(edge - 2, edge + 1, suspend, Words("lời")) for one in both]
    assert first.said == (Said(first=edge - 2, last=edge - 1, text="lời"),)
    assert second.said == (Said(first=edge, last=edge + 1, text="lời"),)


def change(first: int, last: int, name: str, public_reason: str = "") -> dict[str, Any]:
    asked = {"first": first, "last": last, "change": name, "reason": "Chỉ trong hồ sơ"}
    return {**asked, "public_reason": public_reason} if public_reason else asked


async def told_of(stamps: Stamps, number: int) -> list[tuple[int, int, str]]:
    newest = (await stamps.events(f"{number}/0", SegmentPublished))[-1]
    return [(one.first, one.last, one.text) for one in newest.said]


async def test_the_authoritys_public_words_go_with_the_stamps_and_the_others_do_not(
    stamps: Stamps, farm: Farm
) -> None:
    number, approver = await stamps.a_batch(farm, 100), stamps.approver()
    path = f"/batches/{number}/changes"
    ok(await stamps.post(path, change(0, 9, "suspend", WHY), approver))
    assert await told_of(stamps, number) == [(0, 9, WHY)]
    ok(await stamps.post(path, change(5, 9, "unsuspend"), approver))
    assert await told_of(stamps, number) == [(0, 4, WHY)]
    ok(await stamps.post(path, change(20, 29, "revoke"), approver))
    assert await told_of(stamps, number) == [(0, 4, WHY)]
    changes = await stamps.events(str(number), IntervalsChanged)
    assert [one.public_reason for one in changes] == [WHY, "", ""]
    published = await stamps.events(f"{number}/0", SegmentPublished)
    assert not any("Chỉ trong hồ sơ" in one.model_dump_json() for one in published)


async def test_a_facility_does_not_take_back_what_the_authority_told_buyers(
    stamps: Stamps, farm: Farm
) -> None:
    number, approver = await stamps.a_batch(farm, 100), stamps.approver()
    path = f"/batches/{number}/changes"
    ok(await stamps.post(path, change(0, 9, "suspend", WHY), approver))
    own = stamps.operator(farm.facility)
    refused(await stamps.post(path, change(0, 9, "damaged"), own), 403, "decided_above")
    # Where the tier was not kept yet, the words stand all the same.
    await stamps.db.collection("changes").update_many(
        {"batch": number}, {"$unset": {"by_tier": ""}}
    )
    ok(await stamps.post(path, change(0, 9, "damaged"), own))
    assert await told_of(stamps, number) == [(0, 9, WHY)]
    ok(await stamps.post(path, change(0, 4, "revoke"), approver))
    assert await told_of(stamps, number) == [(5, 9, WHY)]


async def test_only_an_authority_speaks_and_only_of_what_it_takes_out_of_use(
    stamps: Stamps, farm: Farm
) -> None:
    number = await stamps.a_batch(farm, 100)
    who, approver = stamps.operator(farm.facility), stamps.approver()
    path = f"/batches/{number}/changes"

    async def act() -> None:
        answer = await stamps.post(path, change(0, 9, "suspend", WHY), who)
        refused(answer, 403, "authority_speaks")
        answer = await stamps.post(path, change(0, 9, "lost", WHY), approver)
        refused(answer, 422, "not_for_the_public")

    await unchanged(stamps, number, act())
    long = change(0, 9, "suspend", "x" * (MAX_PUBLIC_REASON + 1))
    refused(await stamps.post(path, long, approver), 422, "invalid_input")


async def test_the_form_tells_the_two_reasons_apart(stamps: Stamps, farm: Farm) -> None:
    number, approver = await stamps.a_batch(farm, 100), stamps.approver()
    path = f"/batches/{number}"
    own = (await stamps.page(f"{path}/change", stamps.operator(farm.facility))).text
    assert 'name="public_reason"' not in own
    form = (await stamps.page(f"{path}/change", approver)).text
    assert 'name="public_reason"' in form
    assert f'maxlength="{MAX_PUBLIC_REASON}"' in form
    sent = {**change(0, 9, "suspend", WHY), "first": "0", "last": "9"}
    await stamps.send_form(f"{path}/change", sent, approver)
    page = (await stamps.page(path, approver)).text
    assert "Chỉ trong hồ sơ" in page
    assert "Nói với người quét tem: Tem in lỗi, &lt;b&gt;không&lt;/b&gt; dùng &amp; đã thay" in page
    wrong = await stamps.send_form(
        f"{path}/change", {**sent, "first": "20", "last": "20", "change": "lost"}, approver
    )
    assert wrong.status_code == 422
    assert "Hãy để trống phần nói với người quét" in wrong.text
    assert "không&lt;/b&gt;" in wrong.text  # Nothing that was typed is lost.


async def test_batches_from_before_have_nothing_said(stamps: Stamps, farm: Farm) -> None:
    number, approver = await stamps.a_batch(farm, 100), stamps.approver()
    await stamps.db.collection("segments").update_many({"batch": number}, {"$unset": {"said": ""}})
    ok(await stamps.post(f"/batches/{number}/changes", change(0, 9, "suspend"), approver))
    await stamps.db.collection("changes").update_many(
        {"batch": number}, {"$unset": {"public_reason": ""}}
    )
    assert "Chỉ trong hồ sơ" in (await stamps.page(f"/batches/{number}", approver)).text


IN_THREE = {
    "public_reason": "Tem bị bóc",
    "public_reason_en": "Stamps were peeled off",
    "public_reason_zh": "标签被揭下",
}


async def test_words_in_three_languages_go_with_the_stamps_and_come_back_with_an_undoing(
    stamps: Stamps, farm: Farm
) -> None:
    number, approver = await stamps.a_batch(farm, 100), stamps.approver()
    path = f"/batches/{number}/changes"
    ok(await stamps.post(path, {**change(0, 9, "suspend"), **IN_THREE}, approver))

    async def said() -> list[tuple[Any, ...]]:
        newest = (await stamps.events(f"{number}/0", SegmentPublished))[-1]
        return [(one.first, one.last, one.text, one.text_en, one.text_zh) for one in newest.said]

    words = tuple(IN_THREE.values())
    assert await said() == [(0, 9, *words)]
    (told,) = await stamps.events(str(number), IntervalsChanged)
    assert (told.public_reason, told.public_reason_en, told.public_reason_zh) == words
    ok(await stamps.post(path, change(3, 4, "revoke", WHY), approver))
    assert await said() == [(0, 2, *words), (3, 4, WHY, "", ""), (5, 9, *words)]
    undone = await stamps.post(f"{path}/2/undo", {"reason": "Nhầm"}, stamps.approver())
    ok(undone)
    assert await said() == [(0, 9, *words)]
    serial = ok(await stamps.get(f"/batches/{number}/serials/5", approver))
    assert IN_THREE.items() <= serial["changes"][-1].items()


async def test_a_translation_of_nothing_is_refused(stamps: Stamps, farm: Farm) -> None:
    number, approver = await stamps.a_batch(farm, 100), stamps.approver()
    path = f"/batches/{number}/changes"
    english = {"public_reason_en": "Peeled off"}

    async def act() -> None:
        body = {**change(0, 9, "suspend"), **english}
        refused(await stamps.post(path, body, approver), 422, "vietnamese_first")
        own = stamps.operator(farm.facility)
        refused(await stamps.post(path, body, own), 403, "authority_speaks")
        lost = {**change(0, 9, "lost"), **english}
        refused(await stamps.post(path, lost, approver), 422, "not_for_the_public")
        long = {**body, "public_reason": "x", "public_reason_zh": "词" * (MAX_PUBLIC_REASON + 1)}
        refused(await stamps.post(path, long, approver), 422, "invalid_input")

    await unchanged(stamps, number, act())


def test_the_same_vietnamese_with_another_translation_is_not_the_same_words() -> None:
    said = retold((), 0, 4, Words("lời", "words"))
    said = retold(said, 5, 9, Words("lời", "other words"))
    assert [(one.first, one.last, one.text_en) for one in said] == [
        (0, 4, "words"),
        (5, 9, "other words"),
    ]
    assert retold(said, 5, 9, Words("lời", "words")) == (Words("lời", "words").on(0, 9),)


def test_what_was_kept_before_words_were_translated_is_read() -> None:
    old = Said.model_validate({"first": 0, "last": 4, "text": "lời"})
    assert Words.of(old) == Words("lời")
