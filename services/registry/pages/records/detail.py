"""What the page of one record tells: its fields, what changed, its history, what to look at."""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from services.registry import catalogue
from services.registry.actions import truth
from services.registry.diary_telling import entry_facts, entry_title
from services.registry.domain.diary import Entry
from services.registry.domain.geometry import contradicts
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.markets import Standing, standing_on
from services.registry.domain.records import Aggregate, Author, Record, Status
from services.registry.maps.areas import area_map
from services.registry.pages.movement import goods, receipts
from services.registry.store import (
    areas,
    facts,
    lists,
    lot_checks,
    lots,
    recordings,
    records,
    testing,
)
from services.registry.store.facts import Notice
from services.registry.store.records import Version
from services.registry.telling import (
    changes,
    names_for,
    told,
)
from shared.auth import Principal
from shared.days import local_day
from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Database
from shared.web.i18n import N_, translate

RELATED = 10


async def context(db: Database, record: Record[Any], who: Principal) -> dict[str, Any]:
    """For console/record.html, as this account may see it."""
    history = await records.versions(db, record.aggregate, record.id)
    draft, shown = record.draft, record.published
    names = await names_for(db, [c for c in (draft, shown) if c is not None])
    return {
        "product_name": names.get(getattr(record.content, "product_id", ""), ""),
        "told": told(record.content, names),
        "changes": changes(shown, draft, names) if draft and shown else [],
        "history": _timeline(record, history, await _units(db, history)),
        "attention": await attention(db, record),
        "diary": _diary(record.content.entries) if record.aggregate is Aggregate.LOT else [],
        "related": await _related(db, record),
        "state_steps": _steps(record),
        "today": local_day(now()),
        "recordings": await recordings.in_order(db, getattr(record.content, "recordings", ())),
        **await goods.context(db, record, who),
        "map": await _map(db, record),
        **await _truth(db, record),
        "unreceived": await receipts.unreceived(db, record),
    }


async def _truth(db: Database, record: Record[Any]) -> dict[str, Any]:
    """Of a lot: what it took over from its area, what is amiss, what earlier decisions found."""
    if record.aggregate is not Aggregate.LOT:
        return {"area_diary": [], "findings": [], "decided": []}
    open_now = record.state in ("draft", "submitted")
    return {
        "area_diary": _diary(record.content.area_entries),
        "findings": await truth.findings(db, record, now()) if open_now else [],
        "decided": await lot_checks.of_lot(db, record.id),
    }


async def _map(db: Database, record: Record[Any]) -> Markup | None:
    """A growing area's boundary, with those published around it."""
    boundary = record.content.boundary if record.aggregate is Aggregate.GROWING_AREA else ()
    if not boundary:
        return None
    around = await areas.near(db, boundary, but=record.id)
    drawn = [one.published.boundary for one in around if one.published]
    return area_map(record.content.name, boundary, drawn)


async def version_context(db: Database, record: Record[Any], number: int) -> dict[str, Any]:
    """For console/version.html."""
    found = await records.version(db, record.aggregate, record.id, number)
    if found is None or number < 1 or found.version != number:
        raise NotFound()
    before = await records.version(db, record.aggregate, record.id, number - 1)
    names = await names_for(db, [v.content for v in (found, before) if v is not None])
    return {
        "version": found,
        "told": told(found.content, names),
        "changes": changes(before.content, found.content, names) if before is not None else [],
        "first": before is None,
        "unit": _of(found.by, record, await _units(db, [found])),
    }


async def notices(db: Database, record: Record[Any]) -> list[Notice]:
    """Recalls and warnings that touch the record."""
    named: dict[str, Any] = {"facilities": [record.owner.facility_id]}
    if record.aggregate is Aggregate.PRODUCT:
        named["products"] = [record.id]
    if record.aggregate is Aggregate.LOT:
        named["products"] = [record.content.product_id]
        named["lots"] = [record.id]
    return await facts.notices(db, **named)


async def recalled(
    db: Database, aggregate: Aggregate, found: Iterable[Record[Any]]
) -> frozenset[str]:
    """Which of these records an active notice names."""
    ids = [record.id for record in found]
    field = {Aggregate.PRODUCT: "products", Aggregate.LOT: "lots"}.get(aggregate, "facilities")
    named = await facts.notices(db, **{field: ids})
    return frozenset().union(*(getattr(notice, field) for notice in named)) & frozenset(ids)


async def names_of_lots(db: Database, found: Iterable[Record[Any]]) -> dict[str, str]:
    return await names_for(db, [record.content for record in found])


def state_options() -> list[tuple[str, str]]:
    return [(state.value, translate(label)) for state, label in catalogue.STATES.items()]


async def _units(db: Database, history: Iterable[Version]) -> dict[str, str]:
    return await facts.unit_names(db, [version.by.unit_id for version in history])


def _of(by: Author, record: Record[Any], units: dict[str, str]) -> str:
    """Whose account it is. A unit keeps the accounts of facilities too, which are not its own."""
    return record.owner.name if by.facility_id else units.get(by.unit_id, "")


def _timeline(
    record: Record[Any], history: list[Version], units: dict[str, str]
) -> list[dict[str, Any]]:
    word = record.aggregate.value
    items = []
    for one in history:
        icon, tone = catalogue.STEP_SIGNS[one.act]
        # What follows from a rule is nobody's own act, and its name is words.
        name = one.by.name if one.by.account_id else translate(one.by.name)
        who = f"{name} · {_of(one.by, record, units)}".strip(" ·")
        if one.act in ("entered", "edited") and not one.by.facility_id and word != "facility":
            who = translate(N_("{name} (nhập thay cơ sở)"), name=who)
        items.append(
            {
                "title": translate(catalogue.STEPS[one.act]),
                "time": one.at,
                "text": one.reason,
                "who": who,
                "icon": icon,
                "tone": tone,
                "version": one.version,
            }
        )
    return items


def _diary(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [
        {"entry": entry, "title": entry_title(entry), "facts": entry_facts(entry)}
        for entry in entries
    ]


async def attention(db: Database, record: Record[Any]) -> list[str]:
    """What a checker should look at before accepting; nothing here refuses by itself."""
    found = [translate(text) for text in await _to_look_at(db, record)]
    if record.status is not Status.WITHDRAWN:
        return found
    back = N_("Đã ngừng, rút khỏi danh mục: duyệt đăng bản này là cho lưu hành trở lại.")
    return [translate(back), record.status_reason, *found]


async def _to_look_at(db: Database, record: Record[Any]) -> list[str]:
    it = record.content
    found = []
    match record.aggregate:
        case Aggregate.FACILITY:
            if not it.has_food_safety_paper(local_day(now())):
                found.append(N_("Chưa có giấy chứng nhận hoặc cam kết an toàn thực phẩm còn hạn."))
            if not it.tax_number:
                found.append(N_("Chưa có mã số thuế."))
        case Aggregate.PRODUCT:
            if not it.images:
                found.append(N_("Chưa có ảnh sản phẩm."))
            if it.shelf_life_days is None:
                found.append(N_("Chưa ghi hạn dùng."))
            if not it.standards:
                found.append(N_("Chưa ghi tiêu chuẩn áp dụng."))
        case Aggregate.GROWING_AREA:
            found += _about_area(it)
        case Aggregate.LOT:
            came_from = (*it.inputs, *it.supplies)
            if came_from and await facts.notices(db, lots=came_from):
                found.append(N_("Có lô nguyên liệu đang bị thu hồi hoặc cảnh báo."))
            if await testing.failed_among(db, it.inputs):
                found.append(N_("Có lô nguyên liệu có kết quả kiểm nghiệm không đạt."))
            if it.expires_on is not None and it.expires_on < local_day(now()):
                found.append(N_("Lô đã quá hạn dùng."))
    return found


def _about_area(it: GrowingArea) -> list[str]:
    found = []
    if contradicts(it.area_hectares, it.measured_hectares):
        found.append(N_("Diện tích khai báo khác nhiều so với diện tích đo theo ranh giới."))
    if not it.boundary:
        found.append(N_("Chưa có ranh giới của vùng."))
    standings = {standing_on(one.until, local_day(now())) for one in it.markets}
    if Standing.EXPIRED in standings:
        found.append(N_("Có nước nhập khẩu mà việc chấp nhận mã đã hết hạn."))
    if Standing.EXPIRING in standings:
        found.append(N_("Có nước nhập khẩu mà việc chấp nhận mã sắp hết hạn; hãy xin gia hạn."))
    return found


async def _related(db: Database, record: Record[Any]) -> list[Record[Any]]:
    """A facility's products, a product's lots, a lot's descendants."""
    match record.aggregate:
        case Aggregate.FACILITY:
            made_there = {"owner.facility_id": record.id}
            return await lists.newest(db, Aggregate.PRODUCT, made_there, RELATED)
        case Aggregate.PRODUCT:
            of_it = {"$or": [{f"{at}.product_id": record.id} for at in ("draft", "published")]}
            return await lists.newest(db, Aggregate.LOT, of_it, RELATED)
        case Aggregate.LOT:
            return await lots.made_from(db, record.id, RELATED)
        case _:
            return []


def _steps(record: Record[Any]) -> tuple[list[str], int]:
    """The names of the stages of review and the number of the present one."""
    states = list(catalogue.STATES)
    if record.aggregate is Aggregate.LOT:
        states = [state for state in states if state != "checked"]
    names = [translate(catalogue.STATES[state]) for state in states]
    done = record.state == "published"
    return names, len(states) if done else states.index(record.state)
