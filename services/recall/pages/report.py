"""The report on a recall as an official document: a draft while it runs, frozen by its closing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fastapi import APIRouter, Request, Response

from services.recall.actions import closings
from services.recall.domain.amounts import STAMP
from services.recall.domain.case import Case
from services.recall.domain.decision import Decision
from services.recall.domain.explaining import Explanation, standing
from services.recall.domain.reconciling import summed
from services.recall.domain.recovery import Fate
from services.recall.domain.terms import Handling, Kind, State
from services.recall.pages import labels, recovery_labels
from services.recall.pages.console import HOME
from services.recall.pages.issuing import (
    CITY,
    COMMITTEE,
    DOCX,
    body_above,
    committee_of,
    initials,
    province_of,
)
from services.recall.queries import cases, recovery
from services.recall.queries.balances import balances_of
from services.recall.store import decisions, explanations
from shared.auth import Principal
from shared.days import local_day, spoken
from shared.documents.docx import docx_file
from shared.documents.official import Block, Heading, Official, Paragraph, Table
from shared.documents.pdf import pdf
from shared.errors import Amount, Forbidden, NotFound
from shared.ids import now
from shared.mongo import Database, Document
from shared.web.session import PagePrincipal
from shared.web.table_file import attachment

router = APIRouter(include_in_schema=False)
# As many as a person reads; the sums above count all.
MOST_LOTS = 5_000


@router.get(HOME + "/{case_id}/report.{format_}")
async def read_report(case_id: str, format_: str, request: Request, who: PagePrincipal) -> Response:
    if format_ not in ("pdf", "docx"):
        raise NotFound()
    document = await report(request.app.state.db, case_id, who)
    headers = attachment(f"bao-cao-thu-hoi-{case_id}.{format_}")
    if format_ == "pdf":
        return Response(await pdf(document), media_type="application/pdf", headers=headers)
    made = await asyncio.to_thread(docx_file, document)
    return Response(made, media_type=DOCX, headers=headers)


@dataclass(frozen=True, slots=True)
class Stated:
    """The figures of a report, counted now or as the closing froze them."""

    figures: Document
    lots: list[Document]


async def report(db: Database, case_id: str, who: Principal) -> Official:
    """The document, for officials and the owner of the goods; in Vietnamese, as such papers are."""
    case = await cases.seen_by(who, case_id, db=db)
    if who.facility_id not in (None, case.owner.facility_id):
        # It states the figures of other facilities.
        raise Forbidden()
    if case.ordered_at is None:
        raise NotFound()
    stated = await _stated(db, case)
    until = case.closing.at if case.closing else now()
    known = await decisions.versions(db, case.id)
    paper = next((one for one in known if one.at <= until), None)
    given = standing(await explanations.of_case(db, case.id))
    return _document(case, stated, given, paper)


async def _stated(db: Database, case: Case) -> Stated | None:
    if case.closing is not None:
        kept = await explanations.frozen(db, case.id)
        # Cases that were closed before rows were kept have none, nor have warnings.
        return Stated(*kept) if kept else None
    balances = await balances_of(db, case)
    told = await recovery.told(db, case)
    said = sum(one.acknowledged is not None for one in told)
    counted = closings.Figures(balances, summed(balances), len(told), said)
    return Stated(*closings.as_kept(counted))


def _document(
    case: Case, stated: Stated | None, given: Sequence[Explanation], paper: Decision | None
) -> Official:
    closing = case.closing
    province = province_of(case.owner.commune)
    issuer = closing.authority if closing and closing.authority else case.authority
    above = committee_of(province)
    return Official(
        superior="" if _is_owners(issuer, case) else body_above(issuer, "", case.owner.commune),
        issuer=issuer,
        symbol=f"BC-{initials(issuer)}",
        place=province.removeprefix(CITY) or "………",
        day=local_day(closing.at) if closing else None,
        kind="Báo cáo",
        subject=f"Kết quả {_lower(case.wording.title)}",
        blocks=tuple(_blocks(case, stated, given, paper)),
        recipients=(f"{above or COMMITTEE} (để báo cáo);", "Chủ hàng;", "Lưu: VT."),
        signer="Thủ trưởng đơn vị",
        draft=closing is None,
    )


def _is_owners(issuer: str, case: Case) -> bool:
    """Whether a facility that ordered its own recall issues the report: it is no office."""
    return case.ordered_by.facility_id is not None and issuer == case.authority


def _blocks(
    case: Case, stated: Stated | None, given: Sequence[Explanation], paper: Decision | None
) -> list[Block]:
    # The circular's articles are about taking goods back, which a warning does not ask for.
    basis = [] if case.kind is Kind.WARNING else [f"Căn cứ: {labels.BASES[case.legal_basis]}."]
    found: list[Block] = [
        Heading("I. Căn cứ và diễn biến"),
        *map(Paragraph, basis),
        Paragraph(f"Lý do: {case.wording.reason}"),
        Paragraph(f"Người tiêu dùng được báo: {case.wording.instruction}"),
    ]
    if paper is not None:
        known, day = paper.given, spoken(paper.given.day)
        found.append(Paragraph(f"Quyết định số {known.number} ngày {day} của {known.issued_by}."))
    assert case.ordered_at is not None
    found.append(Paragraph(f"Lệnh được công bố ngày {spoken(local_day(case.ordered_at))}."))
    if stated is not None:
        found += _figures(stated)
    if given:
        found.append(Heading("IV. Giải trình chênh lệch"))
        codes = {one["id"]: one["code"] for one in stated.lots} if stated else {}
        found += [Paragraph(_explained(one, codes)) for one in given]
    numeral = "V" if given else "IV" if stated is not None and stated.lots else "II"
    found.append(Heading(f"{numeral}. Kết luận"))
    if (closing := case.ended_with) is None:
        lifted = case.state is State.LIFTED
        running = "Vụ việc chưa kết thúc; số liệu trên còn thay đổi."
        found.append(Paragraph("Thông báo đã được dỡ bỏ." if lifted else running))
        return found
    found.append(Paragraph(closing.finding))
    if closing.handling is not None:
        found.append(Paragraph(f"Cách xử lý chính: {labels.HANDLINGS[closing.handling]}."))
    if closing.came_back:
        sums = [f"{_plain(amount)} {unit}".strip() for amount, unit in closing.came_back]
        recovered = "; ".join(sums)
        found.append(Paragraph(f"Tổng số thu hồi được: {recovered}."))
    found.append(Paragraph("Thông báo tới người tiêu dùng vẫn hiển thị cho tới khi được dỡ bỏ."))
    return found


def _figures(stated: Stated) -> list[Block]:
    told = stated.figures
    acknowledged = f"{told['acknowledged']} trong {told['told']} cơ sở đã xác nhận nhận thông báo."
    if not stated.lots:
        # Stamps: their goods are counted by nobody.
        return [Paragraph(acknowledged)]
    found: list[Block] = [Paragraph(acknowledged), Heading("II. Cân đối số lượng")]
    for one in told["sums"]:
        found.append(_sum_table(one))
        if one["effectiveness"] is not None:
            share = _share(Decimal(one["effectiveness"]))
            found.append(
                Paragraph(
                    f"Hiệu quả thu hồi: {share}, là số thu hồi được chia cho số có thể thu hồi (số "
                    "đã sản xuất trừ phần đã làm ra lô khác và phần hao hụt, đã dùng hết)."
                )
            )
    found.append(Heading("III. Từng lô"))
    rows = tuple(_lot_row(one) for one in stated.lots[:MOST_LOTS])
    heads = ("Lô", "Sản xuất", "Thu hồi", "Đã bán", "Còn tồn", "Khác", "Giải trình", "Chưa rõ")
    widths = (3, 3, 2, 2, 2, 2, 2, 2)
    found.append(Table(heads, rows, widths, numbers=(1, 2, 3, 4, 5, 6, 7)))
    if len(stated.lots) > MOST_LOTS:
        rest = len(stated.lots) - MOST_LOTS
        found.append(Paragraph(f"Và {rest} lô khác, đã tính trong mục II."))
    return found


def _sum_table(one: Document) -> Table:
    made, unit = Decimal(one["made"]), one["unit"]

    def row(words: str, quantity: Decimal) -> tuple[str, str, str]:
        return words, f"{_plain(quantity)} {unit}", _share(quantity / made) if made else "—"

    words = "Tem phải thu hồi" if unit == STAMP else "Đã sản xuất"
    rows = [row(f"{words} ({one['lots']} lô)", made)]
    for part in one["by"]:
        fate, _, handling = part["key"].partition(".")
        words = recovery_labels.FATES[Fate(fate)]
        if handling:
            words = f"{words}: {labels.HANDLINGS[Handling(handling)]}"
        rows.append(row(words, Decimal(part["quantity"])))
    rows.append(row("Chênh lệch đã giải trình", Decimal(one["explained"])))
    rows.append(row("Chưa rõ", Decimal(one["difference"])))
    return Table(("Chỉ tiêu", "Số lượng", "Tỷ lệ"), tuple(rows), (6, 3, 2), numbers=(1, 2))


def _lot_row(one: Document) -> tuple[str, ...]:
    by: dict[str, Decimal] = {}
    for part in one["by"]:
        fate = part["key"].partition(".")[0]
        by[fate] = by.get(fate, Decimal(0)) + Decimal(part["quantity"])
    shown = [by.pop(fate, Decimal(0)) for fate in (Fate.RECOVERED, Fate.SOLD, Fate.REMAINING)]
    numbers = (*shown, sum(by.values(), Decimal(0)), Decimal(one["explained"]))
    return (
        one["code"],
        f"{_plain(Decimal(one['made']))} {one['unit']}",
        *(_plain(number) for number in (*numbers, Decimal(one["difference"]))),
    )


def _explained(one: Explanation, codes: Mapping[str, str]) -> str:
    """With the lots it is about by their `codes`, unless they are many."""
    second = f"; người thứ hai: {one.decided_by.name}" if one.decided_by else ""
    day = spoken(local_day(one.at))
    named = ", ".join(codes[lot_id] for lot_id in one.amounts if lot_id in codes)
    few = named and len(one.amounts) <= recovery_labels.MOST_NAMED
    lots = f"Lô {named}" if few else f"{len(one.amounts)} lô"
    return f"{lots}, {day}, {one.by.name}{second}: {one.reason}"


def _plain(quantity: Decimal) -> str:
    """`1.234,5`, as Vietnamese papers write numbers."""
    return str(Amount(quantity))


def _share(part: Decimal) -> str:
    return f"{_plain((part * 100).quantize(Decimal('0.1')))} %"


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
