"""Reports of one event are joined, answered once each, and parted again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recall.domain import joining
from services.recall.domain.complaint import Complaint
from services.recall.domain.joining import AlreadyJoined, NotJoined
from services.recall.store.authorities import AUTHORITIES
from services.recall.store.complaints import COMPLAINTS
from shared.contracts.identity import UnitPublished
from shared.ids import now
from tests.answers import ok, refused
from tests.polling import eventually
from tests.recall.conftest import Recall
from tests.recall.test_complaints import LIST, answers, filed, taken_in

AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def complaint(id_: str, **more: Any) -> Complaint:
    given_: dict[str, Any] = {
        **{"number": id_, "batch": 1, "serial": 1, "facility_id": "f1", "product_id": "p1"},
        **{"lot_id": "", "verdict": "", "kind": "spoiled", "words": "Cá có mùi lạ", "place": ""},
        **{"commune": "07001", "photo": "", "has_phone": False, "group": id_},
        **{"filed_at": AT, "private_until": AT, "kept_until": AT},
    }
    return Complaint(id=id_, **{**given_, **more})


ACTS = st.lists(
    st.tuples(st.sampled_from(["join", "part", "expire"]), *[st.integers(0, 7)] * 2), max_size=40
)


@given(ACTS)
def test_whatever_is_joined_parted_and_forgotten_every_report_is_in_one_group(
    acts: list[tuple[str, int, int]],
) -> None:
    """Against a plain model of sets: the labels say the same as the sets do."""
    labels = {str(n): str(n) for n in range(8)}
    model = [{name} for name in labels]
    for act, first, second in acts:
        one, other = str(first), str(second)
        if one not in labels or other not in labels:
            continue
        mine = next(group for group in model if one in group)
        theirs = next(group for group in model if other in group)
        if act == "join":
            both = {name: labels[name] for name in mine | theirs}
            try:
                labels |= joining.joined(both, one, other)
            except AlreadyJoined:
                assert mine is theirs
                continue
            model = [group for group in model if group not in (mine, theirs)] + [mine | theirs]
        elif act == "part":
            try:
                labels |= joining.parted({name: labels[name] for name in mine}, one)
            except NotJoined:
                assert mine == {one}
                continue
            model = [group for group in model if group is not mine] + [mine - {one}, {one}]
        else:
            del labels[one]
            mine.discard(one)
            model = [group for group in model if group]
        told: dict[str, set[str]] = {}
        for name, label in labels.items():
            told.setdefault(label, set()).add(name)
        assert sorted(map(sorted, told.values())) == sorted(map(sorted, model))


def test_the_same_stamp_lot_place_or_words_within_days_are_signs_of_one_event() -> None:
    one = complaint("a", lot_id="l1")
    others = [
        complaint("stamp", product_id="p2", commune="", words="khác hẳn mọi lời kể"),
        complaint("lot", serial=2, lot_id="l1", commune="07002", words="x"),
        complaint("place", serial=3, words="y"),
        complaint("words", serial=4, product_id="p2", words="có mùi lạ cá"),
        complaint("old", filed_at=AT + timedelta(days=15)),
        complaint("nothing", serial=5, product_id="p2", words="Nhãn ghi sai hạn dùng"),
    ]
    found = joining.alike(one, others, most=10)
    assert [(each.complaint.id, each.reasons[0]) for each in found] == [
        ("stamp", "same_stamp"),
        ("lot", "same_lot"),
        ("place", "same_place"),
        ("words", "same_words"),
    ]
    assert [each.complaint.id for each in joining.alike(one, others, most=1)] == ["stamp"]


def test_a_code_of_no_stamp_is_not_the_same_as_another_code_of_no_stamp() -> None:
    nowhere: dict[str, Any] = {"batch": 0, "serial": 0, "product_id": "", "facility_id": ""}
    one = complaint("a", typed="TEM 1", words="x", **nowhere)
    other = complaint("b", typed="TEM 2", words="y", **nowhere)
    assert not joining.alike(one, [other], most=5)
    assert joining.alike(one, [complaint("c", typed="TEM 1", words="z", **nowhere)], most=5)


def test_a_group_whose_first_report_is_gone_is_led_by_the_next() -> None:
    left = [complaint("c", group="a", filed_at=AT + timedelta(hours=1)), complaint("b", group="a")]
    assert joining.leading(left).id == "b"
    assert joining.leading([*left, complaint("a")]).id == "a"


async def states(recall: Recall, *ids: str) -> list[str]:
    return [ok(await recall.get(f"/complaints/{one}"))["state"] for one in ids]


async def test_joined_reports_are_answered_once_each_and_a_parted_one_by_itself(
    province: Recall,
) -> None:
    ids = ("j1", "j2", "j3", "j4")
    await taken_in(province, *(filed(one) for one in ids))
    page = (await province.browser(province.token()).get(f"{LIST}/j1")).text
    assert "Cùng con tem" in page
    for other in ids[1:]:
        ok(await province.post("/complaints/j1/join", {"other": other}))
    refused(
        await province.post("/complaints/j2/join", {"other": "j4"}),
        409,
        "complaints_already_joined",
    )
    ok(await province.post("/complaints/j4/part"))
    refused(await province.post("/complaints/j4/part"), 409, "complaint_not_joined")
    ok(await province.post("/complaints/j2/seen"))
    assert await states(province, *ids) == ["seen", "seen", "seen", "new"]
    version = ok(await province.get("/complaints/j3"))["version"]
    body = {"answer": "Đã lấy mẫu.", "version": version}
    ok(await province.post("/complaints/j3/answer", body))
    assert await states(province, *ids) == ["closed", "closed", "closed", "new"]
    for one in ids[:3]:
        told = [(each.state, each.answer) for each in await answers(province, one)]
        assert told == [("seen", ""), ("closed", "Đã lấy mẫu.")]
    assert not await answers(province, "j4")
    refused(await province.post("/complaints/j1/part"), 409, "complaint_closed")
    refused(await province.post("/complaints/j4/join", {"other": "j1"}), 409, "complaint_closed")


async def test_the_leading_report_can_leave_and_the_rest_stays_together(province: Recall) -> None:
    ids = ("k1", "k2", "k3")
    await taken_in(province, *(filed(one, serial=8) for one in ids))
    for other in ids[1:]:
        ok(await province.post("/complaints/k1/join", {"other": other}))
    ok(await province.post("/complaints/k1/part"))
    groups = [ok(await province.get(f"/complaints/{one}"))["group"] for one in ids]
    assert groups == ["k1", "k2", "k2"]
    page = (await province.browser(province.token()).get(f"{LIST}/k3")).text
    assert "Đã gộp dưới phản ánh số" in page


async def test_what_joins_a_report_that_is_looked_into_is_looked_into_too(
    province: Recall,
) -> None:
    await taken_in(province, filed("m1", serial=9), filed("m2", serial=9))
    ok(await province.post("/complaints/m1/seen"))
    ok(await province.post("/complaints/m1/join", {"other": "m2"}))
    assert [one.state for one in await answers(province, "m2")] == ["seen"]
    page = (await province.browser(province.token()).get(f"{LIST}/m1")).text
    assert "Nhóm 2 phản ánh" in page


async def test_reports_of_two_facilities_or_out_of_reach_are_not_joined(province: Recall) -> None:
    await taken_in(province, filed("n1"), filed("n2", "f2"), filed("n3", "f3"))
    refused(
        await province.post("/complaints/n1/join", {"other": "n2"}),
        409,
        "complaints_of_other_goods",
    )
    own = province.token(tier="commune", kinds=["approve"], communes=["07001"])
    for head, other in (("n1", "n2"), ("n2", "n1"), ("n1", "unknown")):
        answer = await province.post(f"/complaints/{head}/join", {"other": other}, token=own)
        assert answer.status_code == 404
    theirs = province.token(tier="facility", kinds=["system"], facility="f1", communes=[])
    for act, body in (("join", {"other": "n2"}), ("part", {})):
        answer = await province.post(f"/complaints/n1/{act}", body, token=theirs)
        assert answer.status_code in {403, 404}
    groups = [ok(await province.get(f"/complaints/{one}"))["group"] for one in ("n1", "n2", "n3")]
    assert groups == ["n1", "n2", "n3"]


async def test_of_two_who_take_up_the_same_report_at_once_one_is_told_no(province: Recall) -> None:
    await taken_in(province, filed("o1", serial=10), filed("o2", serial=10))
    ok(await province.post("/complaints/o1/join", {"other": "o2"}))
    both = await asyncio.gather(
        province.post("/complaints/o1/seen"), province.post("/complaints/o2/seen")
    )
    assert sorted(one.status_code for one in both) == [200, 409]
    for one in ("o1", "o2"):
        assert [each.state for each in await answers(province, one)] == ["seen"]


async def test_joining_and_answering_at_once_leaves_nobody_without_an_answer(
    province: Recall,
) -> None:
    await taken_in(province, filed("r1", serial=11), filed("r2", serial=11))
    version = ok(await province.get("/complaints/r1"))["version"]
    await asyncio.gather(
        province.post("/complaints/r1/join", {"other": "r2"}),
        province.post("/complaints/r1/answer", {"answer": "Xong", "version": version}),
    )
    one, other = [ok(await province.get(f"/complaints/{id_}")) for id_ in ("r1", "r2")]
    if one["group"] == other["group"]:
        assert one["state"] == other["state"]
    for row in (one, other):
        closed = [each for each in await answers(province, row["id"]) if each.state == "closed"]
        assert len(closed) == (row["state"] == "closed")


async def test_a_group_lives_on_when_the_time_of_its_first_report_is_over(
    province: Recall,
) -> None:
    await taken_in(province, *(filed(one, serial=12) for one in ("s1", "s2", "s3")))
    for other in ("s2", "s3"):
        ok(await province.post("/complaints/s1/join", {"other": other}))
    await province.db.collection(COMPLAINTS).delete_one({"_id": "s1"})
    page = await province.browser(province.token()).get(f"{LIST}/s3")
    assert page.status_code == 200
    version = ok(await province.get("/complaints/s3"))["version"]
    ok(await province.post("/complaints/s3/answer", {"answer": "Xong", "version": version}))
    assert await states(province, "s2", "s3") == ["closed", "closed"]


def unit(id_: str, *communes: str, version: int = 1, **more: Any) -> UnitPublished:
    given_: dict[str, Any] = {"name": f"Đơn vị {id_}", "tier": "unit", "path": (id_,), **more}
    return UnitPublished(subject=id_, version=version, time=AT, communes=communes, **given_)


async def told_units(recall: Recall, *units: UnitPublished) -> None:
    await recall.tell(*units)
    ids = [one.subject for one in units]

    async def here() -> bool:
        found = await recall.db.collection(AUTHORITIES).count_documents({"_id": {"$in": ids}})
        return bool(found == len(set(ids)))

    await eventually(here)


async def test_a_report_is_handed_to_a_unit_that_answers_for_the_goods_alone(
    province: Recall,
) -> None:
    await told_units(
        province,
        unit("d-here", "07001"),
        unit("d-there", "07002"),
        unit("d-health", "*", sector="health"),
        unit("d-gone", "07001", active=False),
        unit("d-shop", "07001", tier="facility"),
    )
    await taken_in(province, filed("t1", serial=13), filed("t2", serial=13))
    ok(await province.post("/complaints/t1/join", {"other": "t2"}))
    ok(await province.post("/complaints/t1/seen"))
    page = (await province.browser(province.token()).get(f"{LIST}/t1")).text
    assert "Đơn vị d-here" in page
    assert "Đơn vị d-there" not in page

    async def hand(to: str) -> Any:
        version = ok(await province.get("/complaints/t1"))["version"]
        body = {"unit_id": to, "reason": "Thuộc địa bàn", "version": version}
        return await province.post("/complaints/t1/hand-over", body)

    for wrong in ("d-there", "d-health", "d-gone", "d-shop", "d-unknown"):
        refused(await hand(wrong), 422, "complaint_unit_elsewhere")
    assert ok(await hand("d-here"))["unit_name"] == "Đơn vị d-here"
    refused(await hand("d-here"), 422, "complaint_same_unit")
    assert ok(await province.get("/complaints/t2"))["unit_id"] == "d-here"
    theirs = province.token(tier="unit", kinds=["check"], unit="d-here")
    listed = await province.get("/complaints?whose=my_unit", theirs)
    assert {one["id"] for one in ok(listed)["items"]} == {"t1", "t2"}
    # Nothing changed for the reporter, who is told nothing of it.
    assert [one.state for one in await answers(province, "t1")] == ["seen"]
    page = (await province.browser(province.token()).get(f"{LIST}/t1")).text
    assert "đang xem xét" not in page, "who looked into it gave it away"
    assert "Nhận xem xét" in page
    taken = ok(await province.post("/complaints/t1/seen", token=theirs))
    assert taken["state"] == "seen"
    assert ok(await province.get("/complaints/t2"))["version"] > 0
    refused(await province.post("/complaints/t1/seen", token=theirs), 409, "complaint_already_seen")
    mine = await province.get("/complaints?whose=mine", theirs)
    assert {one["id"] for one in ok(mine)["items"]} == {"t1", "t2"}


async def test_the_list_is_narrowed_and_counted_and_taken_away_without_formulas(
    province: Recall,
) -> None:
    long_ago = now() - timedelta(days=20)
    await taken_in(
        province,
        filed("v1", kind="made_ill", commune="07044", words="=HYPERLINK(1;2) làm tôi đau bụng"),
        filed("v2", kind="other", commune="07044", filed_at=long_ago),
    )
    ill = ok(await province.get("/complaints?commune=07044&kind=made_ill"))
    assert ([one["id"] for one in ill["items"]], ill["total"]) == (["v1"], 1)
    late = ok(await province.get("/complaints?commune=07044&whose=overdue"))
    assert [one["id"] for one in late["items"]] == ["v2"]
    first = ok(await province.get("/complaints?commune=07044&sort=urgent"))
    assert [one["id"] for one in first["items"]] == ["v2", "v1"]
    browser = province.browser(province.token())
    page = (await browser.get(f"{LIST}?commune=07044&whose=unassigned")).text
    assert "Khẩn" in page
    assert "Quá hạn" in page
    table = await browser.get(f"{LIST}.csv?commune=07044")
    assert "'=HYPERLINK" in table.text
    assert (await browser.get(f"{LIST}.xlsx?commune=07044")).content[:2] == b"PK"
    spam = {"answer": "Không liên quan tới hàng.", "version": 0, "outcome": "spam"}
    assert ok(await province.post("/complaints/v2/answer", spam))["outcome"] == "spam"
    first = ok(await province.get("/complaints?commune=07044&sort=urgent"))
    assert ([one["id"] for one in first["items"]], first["total"]) == (["v1"], 1)
    later = ok(await province.get("/complaints?commune=07044&whose=overdue"))
    assert not later["items"]


@pytest.mark.parametrize("field", ["nothing", "outcome"])
async def test_unknown_fields_and_outcomes_are_refused(province: Recall, field: str) -> None:
    await taken_in(province, filed("w1"))
    body = {"answer": "x", "version": 0, field: "nonsense"}
    refused(await province.post("/complaints/w1/answer", body), 422, "invalid_input")
