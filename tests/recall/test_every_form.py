"""No form of recall loses what was typed, whoever sends it and however."""

from dataclasses import replace

import httpx2
import pytest

from services.recall.courier.keys import CourierKeys
from services.recall.domain.contact import Channel, Contact, Owner
from services.recall.domain.delivery import Message, State
from services.recall.store import contacts, deliveries
from shared.ids import now
from shared.mongo import Tx, transact
from tests.every_form import complaints
from tests.form_pages import Walk, posted_to, walked
from tests.recall.builders import batch, lot, segment
from tests.recall.conftest import API, Recall
from tests.recall.test_complaints import LIST, filed, taken_in
from tests.recall.test_endings import REASON
from tests.recall.test_joining import told_units, unit
from tests.recall.test_permissions import SUSPECT, VIOLATION
from tests.recall.test_rows_files import csv_file, line
from tests.recall.test_signals import a_cluster
from tests.roles import sent

pytestmark = pytest.mark.timeout(900)
HOME = "/console/recall"


@pytest.fixture(scope="module")
async def browsers(recall: Recall) -> dict[str, httpx2.AsyncClient]:
    owner = {"tier": "facility", "kinds": ["system"], "facility": "f1", "communes": []}
    return {
        "second": recall.browser(recall.token(name="Người thứ hai")),
        "owner": recall.browser(recall.token(**owner)),
    }


async def told(recall: Recall) -> list[str]:
    """Addresses of a facility in all states, with messages that wait; their pages and links."""
    keys, at = CourierKeys.load(recall.settings.secrets_dir), now()
    made = [
        Contact.added(f"every{n}", Owner("facility", "f1"), Channel.MAIL, f"{n}@a.vn", "vi", now=at)
        for n in range(3)
    ]
    made[1] = made[1].confirmed(now=at)
    made[2] = made[2].confirmed(now=at).paused("owner")
    waiting = [
        deliveries.delivery(
            Message.ORDERED,
            one,
            id_=f"e:{one.id}",
            event_id="e",
            happened_at=at,
            at=at,
            where=("07001", "agriculture"),
        )
        for one in made
    ]

    async def work(tx: Tx) -> None:
        for one in made:
            await contacts.add(tx, one)
        failed = [replace(one, state=State.FAILED, error="too_slow") for one in waiting]
        await deliveries.add(tx, failed)

    await transact(recall.db, work)
    link = f"/recalls/contacts/{made[0].id}"
    return [
        f"{HOME}/contacts",
        f"{HOME}/deliveries",
        f"{link}/confirm?token={keys.link_token(made[0])}",
        f"/recalls/contacts/{made[1].id}/stop?token={keys.stop_token(made[1])}",
    ]


@pytest.fixture(scope="module")
async def walk(province: Recall, browsers: dict[str, httpx2.AsyncClient]) -> Walk:
    await province.know(lot("every1"), lot("every2"), lot("every3"))
    await province.know(batch(990, 6_000), segment(990, (0, 5_999, "every3", "active")))
    standing, lifting, waiting = [
        (await province.order(name))["id"] for name in ("every1", "every2", "every3")
    ]
    asked = await province.post(f"/recalls/{lifting}/lift", REASON)
    assert asked.status_code == 200, asked.text
    milder = {"revision": 0, "why": "Nhầm", "level": "caution"}
    asked = await province.post(f"/recalls/{lifting}/corrections", milder)
    assert asked.status_code == 200, asked.text
    await taken_in(province, *(filed(one, serial=77) for one in ("every", "every-b", "every-c")))
    joined = await province.post("/complaints/every/join", {"other": "every-b"})
    assert joined.status_code == 200, joined.text
    await told_units(province, unit("every-unit", "07001"))
    owner = province.token(tier="facility", kinds=["operate"], facility="f1", communes=[])
    for kind, body in (
        ("handling", {"handling": "destroy", "words": "Hủy"}),
        ("closing", {"words": "Xong"}),
    ):
        answer = await province.post(f"/recalls/{lifting}/{kind}-request", body, token=owner)
        assert answer.status_code in (201, 204), answer.text
    explained = await province.post(f"/recalls/{standing}/explanations", REASON)
    assert explained.status_code == 201, explained.text
    sheet = {"file": ("so-lieu.csv", csv_file(line("EVERY1")))}
    path = f"POST {API}/recalls/{standing}/recovery/tables"
    rows = await sent(province, province.token(), path, None, sheet)
    assert rows.status_code == 201, rows.text
    made = await sent(province, province.token(), f"POST {LIST}/every/suspicion", SUSPECT)
    linked = {"case": standing}
    ok = await sent(province, province.token(), f"POST {LIST}/every-c/case", linked)
    assert (made.status_code, ok.status_code) == (303, 303), made.text + ok.text
    violation = await sent(
        province, province.token(), "POST /console/recall/violations/new", VIOLATION
    )
    assert violation.status_code == 303, violation.text
    below = province.token(tier="unit", kinds=["check"], unit="u-below")
    handed = await sent(province, below, "POST /console/recall/violations/new", VIOLATION)
    send = f"POST {handed.headers['location']}/send"
    assert (await sent(province, below, send, {"version": 1})).status_code == 303
    drill: dict[str, object] = {"target_kind": "lot", "scenario": "x", "hours": 2}
    running, asked_for = [
        (await province.post("/drills", {**drill, "target": name})).json()["id"]
        for name in ("every1", "every3")
    ]
    seeds = [
        f"{HOME}/signals/{await a_cluster(province, 'every4')}",
        f"{HOME}/signals",
        f"{HOME}/drills/new?target_kind=lot&target=every2",
        f"{HOME}/drills/{running}",
        f"{HOME}/drills/{asked_for}",
        f"{HOME}/drills/{running}/end",
        f"{HOME}/drills/{running}/lots/every1",
        handed.headers["location"],
        violation.headers["location"],
        "/console/recall/violations/new?facility=f1",
        *await told(province),
        f"{HOME}/{standing}/recovery",
        f"{HOME}/{standing}/recovery/tables",
        f"{HOME}/{standing}/recovery/tables/{rows.json()['id']}",
        f"{HOME}/{standing}/requests",
        f"{HOME}/{standing}/decision",
        f"{HOME}/{lifting}/requests",
        made.headers["location"],
        f"{LIST}/every/suspicion",
        f"{LIST}/every/case",
        f"{HOME}/{standing}/complaints",
        f"{LIST}/every",
        f"{HOME}/radius?target_kind=lot&target=every1",
        *(f"{HOME}/{case_id}" for case_id in (standing, lifting, waiting)),
        f"{HOME}/{standing}/correct",
        f"{HOME}/{lifting}/correct/waiting",
    ]
    # Three cases in three states: more of one kind of page than is looked at by itself.
    return await walked(province.app, browsers, seeds, most=len(seeds))


async def test_every_form_comes_back_with_what_was_typed_and_what_is_wrong(
    province: Recall, browsers: dict[str, httpx2.AsyncClient], walk: Walk
) -> None:
    stranger, origin = province.browser(), province.settings.public_origin
    wrong = await complaints(walk, browsers, stranger, origin)
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_form_was_left_out(province: Recall, walk: Walk) -> None:
    left = posted_to(province.app) - {kind[0] for kind in walk}
    assert sorted(left) == []
