"""The console counts what waits: applications for accounts, of one's own area (R5)."""

from typing import Any

from services.reporting.store import worklist
from shared.contracts.identity import ApplicationPublished
from shared.contracts.registry import ReviewsOfKind, ReviewsWaiting
from shared.contracts.stamps import StockWaiting
from shared.ids import new_id, now
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.tokens import bearer, mint


def application(subject: str, version: int = 1, **changes: Any) -> ApplicationPublished:
    told: dict[str, Any] = {
        "wish": "new",
        "commune": "06862",
        "sector": "agriculture",
        "state": "waiting",
        "submitted_at": now(),
        **changes,
    }
    return ApplicationPublished(subject=subject, version=version, time=now(), **told)


async def waiting(reporting: Reporting, **claims: Any) -> int:
    given: dict[str, Any] = {"tier": "commune", "kinds": ["system"], "unit": "xa", **claims}
    token = mint(reporting.settings.secrets_dir, **given)
    answer = await reporting.client.get("/api/reporting/v1/work", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return int(answer.json()["applications"])


async def test_applications_are_counted_in_ones_area_once_and_until_they_are_decided(
    reporting: Reporting,
) -> None:
    one, two = new_id(), new_id()
    first = application(one)
    await reporting.hear(first, application(two, commune="06970"), application(new_id()))
    await reporting.hear(first)

    async def counted(expected: int, **claims: Any) -> bool:
        return await waiting(reporting, **claims) == expected

    here: dict[str, Any] = {"communes": ["06862"], "sector": "*"}
    await eventually(lambda: counted(2, **here))
    await eventually(lambda: counted(1, communes=["06970"], sector="*"))
    assert await waiting(reporting, communes=["06862"], sector="health") == 0
    assert await waiting(reporting, kinds=["check"], **here) == 0
    facility = {"tier": "facility", "kinds": ["system"], "facility": "f", "communes": []}
    assert await waiting(reporting, **facility) == 0
    cookie = {
        "Cookie": "txng_access="
        + mint(reporting.settings.secrets_dir, tier="commune", kinds=["system"], **here)
    }
    page = await reporting.client.get("/console", headers=cookie)
    assert '<strong id="applications-waiting">2</strong>' in page.text
    # The decision arrives before what was told earlier: it stands.
    await reporting.hear(application(one, 3, state="accepted"))
    await reporting.hear(application(one, 2, state="more_asked"))
    await eventually(lambda: counted(1, **here))


def reviews(version: int, commune: str = "06757", **counts: int) -> ReviewsWaiting:
    """`product_submitted=3` and the like; one product is the asker's own."""
    waiting = []
    for name, count in counts.items():
        aggregate, _, state = name.rpartition("_")
        makers = {"me": 1} if aggregate == "product" else {}
        waiting.append(ReviewsOfKind(aggregate=aggregate, state=state, count=count, makers=makers))
    return ReviewsWaiting(
        subject=f"{commune}/agriculture",
        version=version,
        time=now(),
        commune=commune,
        sector="agriculture",
        waiting=tuple(waiting),
    )


async def test_checks_and_approvals_are_counted_for_whom_they_wait(reporting: Reporting) -> None:
    newest = reviews(3, product_submitted=4, lot_submitted=2, facility_checked=5)
    other = reviews(1, "06967", product_submitted=7)
    # The older word comes last, the newest twice.
    await reporting.hear(newest, other)
    await reporting.hear(newest, reviews(2, product_submitted=90))

    async def asked(**claims: Any) -> tuple[int, int]:
        given: dict[str, Any] = {
            "tier": "commune", "kinds": ["check"], "unit": "xa",
            "communes": ["06757"], "sector": "*", **claims,
        }  # fmt: skip
        token = mint(reporting.settings.secrets_dir, **given)
        answer = await reporting.client.get("/api/reporting/v1/work", headers=bearer(token))
        assert answer.status_code == 200, answer.text
        found = answer.json()
        return found["to_check"], found["to_publish"]

    async def counted() -> bool:
        return await asked() == (6, 0) and await asked(communes=["06967"]) == (7, 0)

    await eventually(counted)
    assert await asked(account="me") == (5, 0)
    # The check of a lot is its approval, so its two lots wait for the commune's approver too.
    assert await asked(kinds=["approve"]) == (2, 5)
    assert await asked(communes=["06967"]) == (7, 0)
    assert await asked(communes=["*"], tier="unit") == (13, 0)
    assert await asked(sector="health") == (0, 0)
    assert await asked(kinds=["report"]) == (0, 0)
    owner = {"tier": "facility", "kinds": ["system"], "facility": "f", "communes": []}
    assert await asked(**owner) == (0, 0)
    back = ReviewsOfKind(aggregate="product", state="sent_back", count=3, facilities={"f": 2})
    await reporting.hear(
        newest.model_copy(update={"id": new_id(), "version": 4, "waiting": (*newest.waiting, back)})
    )

    async def mended(**claims: Any) -> int:
        given = {"tier": "facility", "kinds": ["operate"], "facility": "f", "communes": []}
        token = mint(reporting.settings.secrets_dir, **{**given, **claims})
        answer = await reporting.client.get("/api/reporting/v1/work", headers=bearer(token))
        return int(answer.json()["sent_back"])

    async def told() -> bool:
        return await mended() == 2

    await eventually(told)
    assert await mended(facility="g") == 0
    assert await mended(kinds=["report"]) == 0
    cookie = mint(
        reporting.settings.secrets_dir, tier="commune", kinds=["check"], communes=["06757"]
    )
    page = await reporting.client.get("/console", headers={"Cookie": f"txng_access={cookie}"})
    assert '<strong id="to-check">6</strong>' in page.text


async def test_receipts_that_wait_for_the_senders_word_are_counted_for_the_sender(
    reporting: Reporting,
) -> None:
    newest = reviews(3, "06970").model_copy(update={"answers": {"sender": 2, "other": 5}})
    older = reviews(2, "06970").model_copy(update={"answers": {"sender": 9}})
    await reporting.hear(newest, reviews(1, "06967", product_submitted=7))
    await reporting.hear(newest, older)

    def token(**claims: Any) -> str:
        given = {"tier": "facility", "kinds": ["operate"], "facility": "sender", "communes": []}
        return mint(reporting.settings.secrets_dir, **{**given, **claims})

    async def asked(**claims: Any) -> int:
        answer = await reporting.client.get(
            "/api/reporting/v1/work", headers=bearer(token(**claims))
        )
        assert answer.status_code == 200, answer.text
        return int(answer.json()["to_answer"])

    async def counted() -> bool:
        return await asked() == 2

    await eventually(counted)
    assert await asked(facility="other") == 5
    assert await asked(facility="nobody") == 0
    assert await asked(kinds=["report"]) == 0, "who may not answer"
    official = {"tier": "commune", "kinds": ["operate"], "facility": None, "communes": ["06970"]}
    assert await asked(**official) == 0
    page = await reporting.client.get("/console", headers={"Cookie": f"txng_access={token()}"})
    assert '<strong id="to-answer">2</strong>' in page.text
    assert "/console/registry/shipments?waiting=answer" in page.text
    await reporting.hear(reviews(4, "06970"))

    async def answered() -> bool:
        return await asked() == 0

    await eventually(answered)


def stock_waiting(batch: int, version: int, **more: Any) -> StockWaiting:
    told = {"facility_id": "farm", "commune": "07001", "sector": "agriculture", **more}
    return StockWaiting(
        subject=f"{batch}/waiting", version=version, time=now(), batch=batch, **told
    )


async def test_stamps_that_the_authority_prints_are_counted_for_whom_they_wait(
    reporting: Reporting,
) -> None:
    newest = stock_waiting(
        901, 3, to_print=50, to_hand_over={"xa": 40, "so": 10, "a.b$c": 5}, to_receive=2,
        to_receive_by={"so": 1, "a.b$c": 4}, to_answer=1, to_answer_by={"xa": 3},
    )  # fmt: skip
    # The older word comes last, the newest twice.
    await reporting.hear(newest, stock_waiting(902, 1, to_print=7, commune="07002"))
    await reporting.hear(newest, stock_waiting(901, 2, to_print=9, to_answer=9))

    def token(**claims: Any) -> str:
        given = {"tier": "commune", "kinds": ["operate"], "unit": "xa", "communes": ["07001"]}
        return mint(reporting.settings.secrets_dir, **{**given, **claims})

    async def asked(**claims: Any) -> tuple[int, ...]:
        bearing = bearer(token(**claims))
        answer = await reporting.client.get("/api/reporting/v1/work", headers=bearing)
        assert answer.status_code == 200, answer.text
        names = ("to_print", "to_hand_over", "to_receive", "to_answer")
        return tuple(answer.json()[f"stamps_{name}"] for name in names)

    async def counted() -> bool:
        department = {"tier": "department", "kinds": ["approve"], "unit": "so"}
        return await asked() == (1, 1, 0, 3) and await asked(
            **department, communes=["07001", "07002"]
        ) == (2, 1, 1, 0)

    await eventually(counted)
    own = {"tier": "facility", "facility": "farm", "communes": []}
    assert await asked(**own) == (0, 0, 2, 1)
    assert await asked(**own | {"facility": "other"}) == (0, 0, 0, 0)
    assert await asked(**own, kinds=["report"]) == (0, 0, 0, 0), "who may receive nothing"
    assert await asked(unit="another") == (1, 0, 0, 0), "another unit's stock is not mine"
    assert await asked(unit="a.b$c") == (1, 1, 4, 0), "whatever signs its id has"
    assert await asked(kinds=["report"]) == (0, 0, 0, 0)
    assert await asked(sector="health") == (0, 0, 0, 0)
    assert await asked(communes=["07003"]) == (0, 0, 0, 0)

    async def home(**claims: Any) -> str:
        cookie = {"Cookie": f"txng_access={token(**claims)}"}
        return (await reporting.client.get("/console", headers=cookie)).text

    page = await home()
    assert '<strong id="stamps-to-print">1</strong>' in page
    assert '<strong id="stamps-to-hand-over">1</strong>' in page
    assert '<strong id="stamps-to-answer">3</strong>' in page
    assert "/console/stamps/stock?place=ordered" in page
    assert "/console/stamps/handovers?state=open" in page
    assert '<strong id="stamps-to-receive">2</strong>' in await home(**own)
    await reporting.hear(stock_waiting(901, 4))

    async def settled() -> bool:
        return await asked() == (0, 0, 0, 0) and await asked(**own) == (0, 0, 0, 0)

    await eventually(settled)
    assert "stamps-to-print" not in await home()


async def test_what_cannot_be_counted_in_time_is_said_not_to_be_known(reporting: Reporting) -> None:
    db, shown = reporting.db.client[reporting.db.name], worklist.STAMPS
    kept = f"{shown}_kept"
    await reporting.db.collection(shown).rename(kept, dropTarget=True)
    # The same rows, each of which takes the server a while to read, and all of them too long.
    many = {"$range": [0, "$n"]}
    each = {"$sum": {"$map": {"input": many, "as": "other", "in": {"$sqrt": "$$other"}}}}
    slow = {"$gte": [{"$sum": {"$map": {"input": many, "in": each}}}, 0]}
    await db.create_collection(shown, viewOn=kept, pipeline=[{"$match": {"$expr": slow}}])
    rows = [{"_id": f"slow {one}", "open": True, "n": 1_000} for one in range(50)]
    await reporting.db.collection(kept).insert_many(rows)
    given = {"tier": "commune", "kinds": ["operate"], "unit": "xa", "communes": ["*"]}
    token = mint(reporting.settings.secrets_dir, **given)
    try:
        work = await reporting.client.get("/api/reporting/v1/work", headers=bearer(token))
        names = ("to_print", "to_hand_over", "to_receive", "to_answer")
        assert [work.json()[f"stamps_{name}"] for name in names] == [None] * 4
        assert work.json()["applications"] == 0
        page = await reporting.client.get("/console", headers={"Cookie": f"txng_access={token}"})
        assert page.status_code == 200
        assert "stamps-unknown" in page.text
        nobody = mint(reporting.settings.secrets_dir, **{**given, "kinds": ["report"]})
        work = await reporting.client.get("/api/reporting/v1/work", headers=bearer(nobody))
        assert work.json()["stamps_to_print"] == 0, "who may do nothing is not kept waiting"
    finally:
        await reporting.db.collection(shown).drop()
        await reporting.db.collection(kept).delete_many({"n": 1_000})
        await reporting.db.collection(kept).rename(shown)
