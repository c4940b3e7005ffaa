"""What a drill leaves: a report of what its end froze, and a list of who has rehearsed."""

import asyncio
import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest

from services.recall.actions import drill_endings
from services.recall.store.drill_duties import DONE, DUTIES
from services.recall.store.drill_places import PLACES
from services.recall.store.drills import DRILLS
from shared.ids import now
from tests.answers import ok
from tests.documents.test_official import texts, words_of
from tests.polling import eventually
from tests.recall.builders import facility, lot
from tests.recall.conftest import Recall
from tests.recall.telling import facility_token, unit
from tests.recall.test_drills import HOME, begun, detail, standing, state

LIST = f"{HOME}/duties"


async def rehearsed(recall: Recall, target: str) -> str:
    """A drill that f1 answered and that is over."""
    await recall.know(lot(target), lot(f"{target}b", "f2", "p2", inputs=(target,)))
    drill = await begun(recall, target)
    await state(recall, drill, "f1", target, held="60")
    ok(await recall.post(f"/drills/{drill}/end"))
    return drill


async def test_the_report_says_what_the_end_froze(province: Recall) -> None:
    drill = await rehearsed(province, "pa1")
    browser = province.browser(province.token())
    word = await browser.get(f"{HOME}/{drill}/report.docx")
    assert word.status_code == 200
    assert f"bao-cao-dien-tap-{drill}.docx" in word.headers["content-disposition"]
    said = words_of(word.content)
    for words in (
        "DIỄN TẬP – không phải thu hồi thật",
        "Kết quả diễn tập thu hồi",
        "Thông tư 17/2021/TT-BNNPTNT",
        "Giả định nhiễm khuẩn",
        "60 trên 200",
        "1 trên 1",
        "0 trên 1",
        "Cơ sở chưa tới được",
        "Cơ sở chưa khai nơi nhận tin",
        "Bếp ăn Cẩm Phả",
        "PA1",
        "Cần làm lại",
    ):
        assert words in said, words
    await province.know(lot("pa1", version=2, quantity=Decimal(500)))
    again = await browser.get(f"{HOME}/{drill}/report.docx")
    assert words_of(again.content) == said, "what came later changes nothing"
    drawn = await browser.get(f"{HOME}/{drill}/report.pdf")
    assert drawn.status_code == 200
    assert "DIỄN TẬP – không phải thu hồi thật" in texts(drawn.content)[0]


async def test_there_is_no_report_before_the_score_nor_for_strangers(province: Recall) -> None:
    await province.know(lot("pa2"))
    drill = await begun(province, "pa2")
    official = province.browser(province.token())
    assert (await official.get(f"{HOME}/{drill}/report.docx")).status_code == 404
    await province.post(f"/drills/{drill}/end")
    assert (await official.get(f"{HOME}/{drill}/report.docx")).status_code == 200
    assert (await official.get(f"{HOME}/{drill}/report.txt")).status_code == 404
    stranger = province.browser(facility_token(province, "f3"))
    assert (await stranger.get(f"{HOME}/{drill}/report.docx")).status_code == 404


@pytest.mark.parametrize(
    ("lang", "off", "figures"),
    [
        ("vi", "Cuộc diễn tập này đã bị hủy", ("Truy được", "Xếp loại", "Thời gian tới được")),
        ("en", "This drill was called off", ("Traced", "Grade")),
        ("zh", "本次演练已取消", ("评级",)),
    ],
)
async def test_a_drill_that_was_called_off_says_so_everywhere_and_shows_no_figure(
    province: Recall, lang: str, off: str, figures: tuple[str, ...]
) -> None:
    target = f"pao-{lang}"
    await province.know(lot(target))
    drill = await begun(province, target)
    await state(province, drill, "f1", target, held="60")
    assert (await standing(province, drill))["stated"] == 1
    who, spoken = province.token(name="Người hủy"), {"Accept-Language": lang}
    gone = {"reason": "Bão số 9"}
    assert (await province.post(f"/drills/{drill}/call-off", gone, token=who)).status_code == 200
    browser = province.browser(who, **spoken)
    page = (await browser.get(f"{HOME}/{drill}")).text
    for words in (off, "Người hủy", "Bão số 9", f"{HOME}/{drill}/report.pdf"):
        assert words in page, words
    for words in figures:
        assert words not in page, words
    asked = province.browser(facility_token(province, "f1"), **spoken)
    assert off in (await asked.get(f"{HOME}/{drill}")).text
    told = await detail(province, drill)
    assert (told["state"], told["ended_by"], told["reason"]) == (
        "called_off", "Người hủy", "Bão số 9",
    )  # fmt: skip
    assert told["ended_at"]
    assert (told["figures"], told["counted_at"]) == ({}, None)
    assert [one["minutes"] for one in told["places"]] == [None]
    word = words_of((await browser.get(f"{HOME}/{drill}/report.docx")).content)
    drawn = "".join(texts((await browser.get(f"{HOME}/{drill}/report.pdf")).content))
    for said in (word, drawn):
        assert "Hủy cuộc diễn tập thu hồi" in said
        assert "Người hủy" in said
        assert "Bão số 9" in said
        assert "Không chấm điểm" in said
        assert "Xếp loại" not in said
        assert "Truy được" not in said


async def test_a_facility_reads_numbers_of_the_others_in_the_report(province: Recall) -> None:
    drill = await rehearsed(province, "pa3")
    browser = province.browser(facility_token(province, "f1"))
    said = words_of((await browser.get(f"{HOME}/{drill}/report.docx")).content)
    assert "Cơ sở chả mực Hạ Long" in said
    assert "Bếp ăn Cẩm Phả" not in said
    assert "PA3B" not in said


async def test_the_list_tells_who_has_rehearsed_and_who_has_not(province: Recall) -> None:
    drill = await rehearsed(province, "pa4")
    browser = province.browser(province.token())
    done = (await browser.get(f"{LIST}?state=done")).text
    assert "Cơ sở chả mực Hạ Long" in done
    assert f'href="{HOME}/{drill}"' in done
    assert "Bếp ăn Cẩm Phả" not in done
    due = (await browser.get(f"{LIST}?state=due")).text
    assert "Bếp ăn Cẩm Phả" in due
    assert "Nước mắm Cái Rồng" not in due, "its sector is not bound"
    assert "Cơ sở chả mực Hạ Long" not in due
    assert '<option value="07090"' in due, "a commune can be chosen"
    of_one = (await browser.get(f"{LIST}?state=due&commune=07001")).text
    assert "Bếp ăn Cẩm Phả" not in of_one
    nonsense = await browser.get(f"{LIST}?state=x&kind=y&commune=%00&class=z&page=999999999")
    assert nonsense.status_code == 200
    elsewhere = province.token(tier="commune", communes=["07099"], unit="u-9")
    assert "Bếp ăn Cẩm Phả" not in (await province.browser(elsewhere).get(LIST)).text
    assert (await province.browser(facility_token(province)).get(LIST)).status_code == 403


async def test_the_list_is_taken_away_and_that_is_recorded(province: Recall) -> None:
    await rehearsed(province, "pa5")
    browser = province.browser(province.token())
    answer = await browser.get(f"{LIST}.csv?state=due")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    named = [row[0] for row in rows[1:]]
    assert "Bếp ăn Cẩm Phả" in named
    assert "Cơ sở chả mực Hạ Long" not in named
    assert (await browser.get(f"{LIST}.xlsx")).content.startswith(b"PK")
    acts = [
        row["body"]["data"].get("action")
        async for row in province.db.collection("outbox").find({"body.data.action": {"$exists": 1}})
    ]
    assert acts.count("recall.drill_duties.export") == 2


async def test_units_that_hold_drills_have_rehearsed(province: Recall) -> None:
    await province.tell(unit("so-nnmt", "*"), unit("u-idle", "07001"))

    async def known() -> bool:
        return await province.db.collection("authorities").count_documents({}) >= 2

    await eventually(known)
    await rehearsed(province, "pa6")
    browser = province.browser(province.token())
    done = (await browser.get(f"{LIST}?kind=unit&state=done")).text
    assert "Đơn vị so-nnmt" in done
    assert "Đơn vị u-idle" not in done
    assert "Đơn vị u-idle" in (await browser.get(f"{LIST}?kind=unit&state=due")).text


async def test_facilities_that_are_told_twice_and_late_are_kept_once_as_they_are_now(
    province: Recall,
) -> None:
    first = facility("fd", commune="07001", name="Tên cũ")
    newer = facility("fd", commune="07001", name="Tên mới", version=2)
    stopped = facility("fd", commune="07001", name="Tên mới", version=3, status="stopped")

    async def kept(version: int) -> None:
        async def there() -> bool:
            wanted = {"_id": "fd", "version": version}
            return await province.db.collection(DUTIES).count_documents(wanted) == 1

        await eventually(there)

    await province.know(newer, newer)
    await kept(2)
    await province.know(first, newer)
    await kept(2)
    listed = (await province.browser(province.token()).get(LIST)).text
    assert listed.count("Tên mới") == 1
    assert "Tên cũ" not in listed
    await province.know(stopped, first)
    await kept(3)
    assert "Tên mới" not in (await province.browser(province.token()).get(LIST)).text


async def test_who_stopped_before_it_was_kept_whether_facilities_run_is_not_listed(
    province: Recall,
) -> None:
    """It publishes nothing more: what it said last is told again, and taken for newer."""
    name = "Đã ngừng từ trước"
    await province.know(facility("fe", commune="07001", name=name, version=4, status="stopped"))
    duties = province.db.collection(DUTIES)

    async def is_known() -> bool:
        return await duties.count_documents({"_id": "fe", "status": "stopped"}) == 1

    await eventually(is_known)
    await duties.update_one({"_id": "fe"}, {"$unset": {"status": ""}})
    await province.know(facility("fe", commune="07001", name=name, version=4, status="stopped"))
    await eventually(is_known)
    assert name not in (await province.browser(province.token()).get(LIST)).text


async def test_the_first_word_of_a_facility_is_the_one_that_counts(province: Recall) -> None:
    await province.know(lot("pa7"))
    drill = await begun(province, "pa7")
    one, other = (facility_token(province, account=name, name=name) for name in ("An", "Bình"))
    ok(await province.post(f"/drills/{drill}/acknowledge", token=one))
    [first] = (await detail(province, drill))["places"]
    before = await province.db.collection(PLACES).find_one({"drill": drill})
    await asyncio.gather(
        *(province.post(f"/drills/{drill}/acknowledge", token=other) for _ in range(4))
    )
    [again] = (await detail(province, drill))["places"]
    assert again == first
    assert await province.db.collection(PLACES).find_one({"drill": drill}) == before
    assert before
    assert before["acknowledged_by"] == "An"
    await province.post(f"/drills/{drill}/end")
    late = await province.post(f"/drills/{drill}/acknowledge", token=other)
    assert (late.status_code, late.json()["code"]) == (409, "drill_over")


async def test_a_word_and_the_end_at_the_same_moment_agree(province: Recall) -> None:
    """Either it is in what the end froze, or it is refused."""
    for n in range(6):
        await province.know(lot(f"par{n}"))
        drill = await begun(province, f"par{n}")
        token = facility_token(province)
        said, over = await asyncio.gather(
            province.post(f"/drills/{drill}/acknowledge", token=token),
            province.post(f"/drills/{drill}/end"),
        )
        assert over.status_code == 200, over.text
        figures = (await detail(province, drill))["figures"]
        assert figures["acknowledged"] == (1 if said.status_code == 200 else 0)


async def test_a_drill_whose_hours_are_over_takes_no_word_before_the_sweep_came(
    province: Recall,
) -> None:
    await province.know(lot("pa8"))
    drill = await begun(province, "pa8", hours=1)
    past = {"$set": {"ends_at": now() - timedelta(seconds=1)}}
    await province.db.collection(DRILLS).update_one({"_id": drill}, past)
    late = await province.post(f"/drills/{drill}/acknowledge", token=facility_token(province))
    assert late.status_code == 409
    await drill_endings.sweep(province.db, now())
    assert (await detail(province, drill))["figures"]["acknowledged"] == 0
    last = await province.db.collection(DONE).find_one({"_id": "facility/f1"})
    assert last is None or last["drill"] != drill
