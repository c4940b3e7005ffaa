"""Officials see which stamps may have been copied, why, and decide; others' do not exist."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
import pytest_asyncio

from services.scan.desk.main import build
from services.scan.domain.aggregates import PUBLISHERS
from services.scan.settings import ScanSettings
from services.scan.store import suspicions
from services.scan.store.complaints import PRIVATE
from shared.contracts.acts import ScanActRecorded
from shared.contracts.scan import ComplaintFiled, SuspicionPublished
from shared.ids import now
from shared.settings import Settings
from tests import in_process
from tests.answers import ok, refused
from tests.polling import eventually
from tests.roles import (
    SIGNED_IN,
    Cell,
    Tokens,
    cases,
    missing_in,
    not_there,
    one_of_each,
    sends_strangers_away,
    served,
    tried_by_all,
)
from tests.scan.desk import API, CONSOLE, HOME_COMMUNE, Desk
from tests.scan.reports import REPORT, photo_with_secrets, send
from tests.scan.world import Goods, World
from tests.tokens import bearer

LIST: Final = f"{CONSOLE}/suspicions"
ONE: Final = "/{batch}/{serial}"
CLEAR: Final = {"judgement": "clear", "reason": "Ảnh con tem được đăng báo"}
CONFIRM: Final = {"judgement": "confirm", "reason": "Đã thấy hai gói cùng một mã"}
TABLE: Final[Mapping[str, tuple[Cell, ...]]] = {
    f"GET {API}": (Cell("suspicion.read"),),
    f"GET {API}{ONE}": (Cell("suspicion.read"),),
    f"POST {API}{ONE}/judgement": (
        Cell("suspicion.judge", CLEAR),
        Cell("suspicion.judge", CONFIRM),
    ),
    "GET /api/scan/v1/complaints/{complaint_id}/photo": (Cell("complaint.read"),),
    "GET /api/scan/v1/complaints/{complaint_id}/photos/{name}": (Cell("complaint.read"),),
    # What a form without a word answers tells who may send it; test_entering.py.
    f"GET {CONSOLE}/complaints/new": (Cell("complaint.enter"),),
    f"POST {CONSOLE}/complaints/new": (Cell("complaint.enter", {}),),
    f"GET {CONSOLE}/complaints/{{complaint_id}}": (Cell("complaint.read"),),
    f"GET {CONSOLE}/complaints/{{complaint_id}}/photo": (Cell("complaint.read"),),
    f"GET {CONSOLE}/complaints/{{complaint_id}}/photos/{{name}}": (Cell("complaint.read"),),
    f"GET {CONSOLE}": (Cell(SIGNED_IN),),
    "GET /api/scan/v1/figures": (Cell("circulation.read"),),
    f"GET {CONSOLE}/figures": (Cell("circulation.read"),),
    f"GET {CONSOLE}/figures.csv": (Cell("circulation.read"),),
    f"GET {CONSOLE}/figures.xlsx": (Cell("circulation.read"),),
    f"GET {LIST}": (Cell("suspicion.read"),),
    f"GET {LIST}{ONE}": (Cell("suspicion.read"),),
    f"POST {LIST}{ONE}": (Cell("suspicion.judge", CLEAR),),
}

# Anybody reports a problem, and listens; what may go wrong there is in test_report.py and
# test_speech.py.
OPEN: Final = (
    "GET /nghe/{name}",
    f"GET {REPORT}",
    f"POST {REPORT}",
    # Goods without a stamp; test_goods_report.py.
    f"GET {REPORT}/khong-tem",
    f"POST {REPORT}/khong-tem",
    # And what officials asked is answered, by the report's code; test_replying.py.
    f"GET {REPORT}/tra-loi",
    f"POST {REPORT}/tra-loi",
    f"GET {REPORT}/{{code}}",
    f"POST {REPORT}/{{code}}",
    # And tries a hidden number; test_pins.py.
    "GET /pin",
    "GET /pin/{code}",
    "POST /pin",
    "POST /api/scan/v1/pins/lookup",
    "POST /api/scan/v1/pins/check",
    # What it holds is public; test_snapshot.py.
    "GET /api/scan/v1/snapshot",
    "GET /kiem-tra-ngoai-tuyen",
    "GET /kiem-tra-ngoai-tuyen/worker.js",
    "GET /kiem-tra-ngoai-tuyen/{lang}.webmanifest",
    "GET /kiem-tra-ngoai-tuyen/files/{of}/{name}",
    "GET /api/scan/v1/snapshot/key",
)


def desk_settings(settings: Settings) -> ScanSettings:
    """Feeds that nobody answers, unless the settings name some."""
    nobody = dict.fromkeys(PUBLISHERS, "http://127.0.0.1:9")
    return ScanSettings(**{**settings.model_dump(), "feeds": settings.feeds or nobody})


@pytest_asyncio.fixture(scope="module")
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    made = desk_settings(settings)
    async with in_process.running(build(made), Desk, made) as found:
        yield found


@pytest_asyncio.fixture(scope="module")
async def goods(desk: Desk) -> Goods:
    return await desk.goods()


@pytest_asyncio.fixture(scope="module")
async def ids(desk: Desk, goods: Goods) -> dict[str, Any]:
    await desk.suspects(goods, 499)
    await send(desk, desk.browser(), goods, 499, photo=photo_with_secrets())
    [filed] = await desk.events(kind=ComplaintFiled)
    await desk.db.collection(PRIVATE).insert_one(
        {
            "_id": f"{filed.subject}/label",
            **{"phone": "", "photo": b"x", "private_until": now() + timedelta(days=1)},
        }
    )
    known = {"facility": goods.facility, "batch": goods.batch, "serial": 499, "name": "label"}
    return {**known, "complaint_id": filed.subject}


@pytest.fixture(scope="module")
def tokens(desk: Desk, ids: dict[str, Any]) -> Tokens:
    return one_of_each(desk, ids["facility"], HOME_COMMUNE)


@pytest.mark.parametrize(("address", "cell"), list(cases(TABLE)))
async def test_every_tier_and_kind_is_let_in_as_the_matrix_says(
    desk: Desk, tokens: Tokens, ids: dict[str, Any], address: str, cell: Cell
) -> None:
    path = address.format(**ids)
    await tried_by_all(desk, tokens, path, cell, lambda: cell.body)
    await sends_strangers_away(desk, path)


def test_no_address_is_missing_in_the_table(desk: Desk) -> None:
    there = served(desk.app)
    assert missing_in([TABLE, OPEN], there) == set(), "say in this table who may use these"
    assert not_there([TABLE, OPEN], there) == set()


async def test_an_official_reads_why_and_clears_and_everybody_is_told(
    desk: Desk, goods: Goods
) -> None:
    await desk.suspects(goods, 1)
    browser = desk.browser(desk.approver())
    listed = (await browser.get(LIST)).text
    assert f"{LIST}/{goods.batch}/1" in listed
    assert "Na dai Đông Triều" in listed
    page = await browser.get(f"{LIST}/{goods.batch}/1")
    assert page.status_code == 200
    assert "25 nguồn khác nhau" in page.text
    assert "area-map" in page.text
    assert "Xã Đất Mũi, Tỉnh Cà Mau" in page.text or "Cà Mau" in page.text
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert token
    origin = {"Origin": desk.settings.public_origin}
    sent = {"csrf": token[1], **CLEAR}
    answer = await browser.post(f"{LIST}/{goods.batch}/1", data=sent, headers=origin)
    assert answer.status_code == 303
    again = (await browser.get(f"{LIST}/{goods.batch}/1")).text
    assert "Không phải tem sao chép" in again
    assert "Ảnh con tem được đăng báo" in again
    told = await desk.events(f"{goods.batch}/1", SuspicionPublished)
    assert [(one.version, one.state) for one in told] == [(2, "cleared")]
    acts = await desk.events(kind=ScanActRecorded)
    assert ("suspicion.judge", "accepted") in {(one.action, one.outcome) for one in acts}


async def test_a_judgement_without_reason_is_refused_by_its_field_and_on_record(
    desk: Desk, goods: Goods
) -> None:
    await desk.suspects(goods, 2)
    path = f"{API}/{goods.batch}/2/judgement"
    for body in ({"judgement": "clear"}, {"judgement": "clear", "reason": ""}):
        answer = await desk.client.post(path, json=body, headers=bearer(desk.approver()))
        assert refused(answer, 422, "invalid_input")["errors"][0]["field"] == "reason"
    wrong = {**CLEAR, "judgement": "maybe"}
    answer = await desk.client.post(path, json=wrong, headers=bearer(desk.approver()))
    assert refused(answer, 422, "invalid_input")["errors"][0]["field"] == "judgement"
    strange = {**CLEAR, "points": 3}
    answer = await desk.client.post(path, json=strange, headers=bearer(desk.approver()))
    assert answer.status_code == 422
    ok(await desk.client.post(path, json=CONFIRM, headers=bearer(desk.approver())))
    answer = await desk.client.post(path, json=CONFIRM, headers=bearer(desk.approver()))
    refused(answer, 409, "already_judged")


async def test_what_is_not_in_ones_scope_does_not_exist(desk: Desk, goods: Goods) -> None:
    await desk.suspects(goods, 3)
    strangers = (
        desk.token("commune", "approve", communes=["00004"]),
        desk.token("facility", "operate", facility="someone-else", communes=[]),
        desk.approver(sector="health"),
    )
    for token in strangers:
        where = f"{API}/{goods.batch}/3"
        assert (await desk.client.get(where, headers=bearer(token))).status_code == 404
        post = await desk.client.post(f"{where}/judgement", json=CLEAR, headers=bearer(token))
        assert post.status_code in (403, 404)
        listed = ok(await desk.client.get(API, headers=bearer(token)))
        assert listed == {"items": [], "total": 0, "numbers": {}}
        page = await desk.browser(token).get(f"{LIST}/{goods.batch}/3")
        assert page.status_code == 404
    own = desk.token("facility", "operate", facility=goods.facility, communes=[])
    assert ok(await desk.client.get(f"{API}/{goods.batch}/3", headers=bearer(own)))["serial"] == 3
    found = await suspicions.of(desk.db, [(goods.batch, 3)])
    assert found[goods.batch, 3].state == "suspected"


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_the_pages_speak_three_languages_and_say_when_there_is_nothing(
    desk: Desk, goods: Goods, lang: str
) -> None:
    await desk.suspects(goods, 4, "held_back")
    browser = desk.browser(desk.approver(), **{"Accept-Language": lang})
    nothing = desk.browser(
        desk.token("commune", "approve", communes=["00004"]), **{"Accept-Language": lang}
    )
    for path in (
        LIST,
        f"{LIST}?state=held_back",
        f"{LIST}?state=nonsense&page=999",
        f"{LIST}/{goods.batch}/4",
    ):
        assert (await browser.get(path)).status_code == 200
    empty = (await nothing.get(LIST)).text
    assert {"vi": "Không có tem nào đang bị nghi vấn", "en": "No stamp", "zh": "没有"}[
        lang
    ] in empty


async def test_replicas_follow_what_the_desk_decides(world: World) -> None:
    settings = desk_settings(world.settings)
    async with world.projecting(), world.recording(), world.replica() as scans:
        made = Goods()
        await world.tell(*made.events())

        async def says(verdict: str) -> bool:
            return bool((await scans.verdict(made.batch, 5))["verdict"] == verdict)

        await eventually(lambda: says("genuine"))
        async with in_process.running(build(settings), Desk, settings) as desk:
            await desk.suspects(made, 5)
            await eventually(lambda: says("suspect_copy"))
            path = f"{API}/{made.batch}/5/judgement"
            ok(await desk.client.post(path, json=CLEAR, headers=bearer(desk.approver())))
            await eventually(lambda: says("genuine"))
            ok(await desk.client.post(path, json=CONFIRM, headers=bearer(desk.approver())))
            await eventually(lambda: says("suspect_copy"))
