"""What a message says: the words of a mail, and the data of a webhook, as the case stands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.recall.courier import corrected, drilled
from services.recall.courier.corrected import Correction
from services.recall.courier.drilled import Drilled
from services.recall.courier.keys import CourierKeys
from services.recall.domain.case import Case
from services.recall.domain.contact import LINK_HOURS, Contact
from services.recall.domain.delivery import Delivery, Message
from services.recall.domain.terms import Kind
from services.recall.domain.terms import State as CaseState
from services.recall.pages.labels import KINDS, STATES
from services.recall.store.facts import Facility
from shared.web.i18n import N_, catalogues, speak, stop_speaking, translate, worded

_TEXTS: Final = catalogues("recall")
SYSTEM: Final = N_("Hệ thống truy xuất nguồn gốc thực phẩm tỉnh Quảng Ninh")
_HAPPENED: Final = {
    Message.ORDERED: N_("Vụ việc mới được công bố."),
    Message.SCOPE_CHANGED: N_("Phạm vi của vụ việc vừa rộng thêm."),
    Message.CORRECTED: N_(
        "Thông báo đã được đính chính. Nội dung trong thư này thay cho nội dung đã báo trước đây."
    ),
    Message.LIFTED: N_("Thông báo đã được dỡ bỏ: hàng không còn bị thu hồi hay cảnh báo."),
    Message.CLOSED: N_("Vụ việc đã kết thúc; thông báo vẫn hiển thị cho tới khi được dỡ bỏ."),
    Message.DEADLINE_NEAR: N_(
        "Một thời hạn của vụ việc sắp hết. Mở vụ việc để xem thời hạn và việc cần làm."
    ),
    Message.DEADLINE_MISSED: N_(
        "Một thời hạn của vụ việc đã qua. Mở vụ việc để xem thời hạn nào, ai phải làm và làm ngay."
    ),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a message is made of. `name`: the facility or unit that is told; `correction`: the one
    that a message about a correction tells; `drilled`: the drill that one about a drill tells;
    `running`: how many cases concern whoever is told how many run."""

    contact: Contact
    delivery: Delivery
    name: str
    case: Case | None
    facilities: Sequence[Facility]
    origin: str
    keys: CourierKeys
    correction: Correction | None = None
    drilled: Drilled | None = None
    running: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A message in one language: a heading, paragraphs, and links as (words, address)."""

    language: str
    heading: str
    paragraphs: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


def languages(contact: Contact) -> tuple[str, ...]:
    """The contact's own language first, below it Vietnamese, or English where it is Vietnamese."""
    return (contact.language, "en" if contact.language == "vi" else "vi")


def section(known: Known, language: str) -> Section:
    token = speak(language, _TEXTS)
    try:
        if known.delivery.message is Message.CONFIRM:
            return _asking(known, language)
        if known.delivery.message is Message.RUNNING:
            return _running(known, language)
        if known.drilled is not None:
            return _drilling(known, known.drilled, language)
        return _telling(known, language)
    finally:
        stop_speaking(token)


def data(known: Known) -> dict[str, Any]:
    """What a webhook is told about a case, as /recalls/webhooks says; what it holds only grows."""
    case, delivery, origin = known.case, known.delivery, known.origin
    told = section(known, known.contact.language)
    if known.drilled is not None:
        words = {"language": told.language, "title": told.heading}
        words["text"] = "\n".join(told.paragraphs)
        asked = {"facilities_asked": delivery.facilities_total}
        about = drilled.data(known.drilled, origin)
        return {"version": delivery.case_version, **words, **about, **asked}
    assert case is not None
    return {
        "case": case.id,
        "version": delivery.case_version,
        "kind": str(case.kind),
        "state": str(case.state),
        "active": case.is_standing,
        "language": told.language,
        "title": told.heading,
        "text": "\n".join(told.paragraphs),
        "title_vi": case.wording.title,
        "reason_vi": case.wording.reason,
        "instruction_vi": case.wording.instruction,
        "authority": case.authority,
        "ordered_at": case.ordered_at.isoformat() if case.ordered_at else None,
        "lots_total": case.lot_count,
        "facilities": [
            {"id": one.id, "code": one.code, "name": one.name} for one in known.facilities
        ],
        "facilities_total": delivery.facilities_total,
        "corrected_at": case.corrected_at.isoformat() if case.corrected_at else None,
        "correction": corrected.data(known.correction) if known.correction else None,
        "links": {
            "public": f"{origin}/recalls/{case.id}",
            "console": f"{origin}/console/recall/{case.id}",
            "api": f"{origin}/api/recall/v1/recalls/{case.id}",
        },
    }


def _asking(known: Known, language: str) -> Section:
    contact = known.contact
    token = known.keys.link_token(contact)
    return Section(
        language,
        translate(N_("Xác nhận địa chỉ nhận tin thu hồi")),
        (
            translate(
                N_(
                    "{name} muốn nhận tin thu hồi và cảnh báo thực phẩm tại địa chỉ này. "
                    "Nếu đúng, hãy mở đường dẫn dưới đây và bấm xác nhận."
                ),
                name=known.name,
            ),
            translate(
                N_(
                    "Đường dẫn dùng được một lần, trong {count} giờ. Nếu bạn không biết việc này, "
                    "hãy bỏ qua thư: địa chỉ chưa xác nhận không nhận thêm tin nào."
                ),
                count=LINK_HOURS,
            ),
        ),
        (
            (
                translate(N_("Xác nhận địa chỉ")),
                f"{known.origin}/recalls/contacts/{contact.id}/confirm?token={token}",
            ),
        ),
    )


def _running(known: Known, language: str) -> Section:
    """One mail instead of hundreds."""
    return Section(
        language,
        translate(N_("Các vụ việc đang chạy liên quan tới {name}"), name=known.name),
        (
            translate(
                N_(
                    "Có {count} vụ việc đang chạy liên quan tới {name}. Những vụ việc mới nhất "
                    "được gửi riêng từng thư; các vụ việc còn lại xin xem trong danh sách."
                ),
                count=known.running,
                name=known.name,
            ),
        ),
        (
            (
                translate(N_("Mở danh sách vụ việc (cần đăng nhập)")),
                f"{known.origin}/console/recall?state=ordered",
            ),
            _stop(known),
        ),
    )


def _telling(known: Known, language: str) -> Section:
    case, delivery = known.case, known.delivery
    assert case is not None
    words = case.wording
    title = worded(words.title, words.title_en, words.title_zh)
    reason = worded(words.reason, words.reason_en, words.reason_zh)
    instruction = worded(words.instruction, words.instruction_en, words.instruction_zh)
    state = translate(STATES[case.state])
    paragraphs = [
        translate(_HAPPENED[delivery.message]),
        *(corrected.paragraphs(known.correction) if known.correction else ()),
        translate(N_("Lý do: {words}"), words=reason),
        translate(N_("Người tiêu dùng cần làm gì: {words}"), words=instruction),
        translate(N_("Cơ quan hoặc cơ sở ra thông báo: {name}"), name=worded(case.authority)),
        translate(N_("Trạng thái lúc gửi tin này: {state}"), state=state),
        _whom(known),
    ]
    if _must_act(known):
        paragraphs.append(_what_to_do(delivery.message))
    return Section(
        language,
        f"{translate(KINDS[case.kind])}: {title}",
        tuple(paragraphs),
        (
            (
                translate(N_("Mở vụ việc (cần đăng nhập)")),
                f"{known.origin}/console/recall/{case.id}",
            ),
            (translate(N_("Trang công khai")), f"{known.origin}/recalls/{case.id}"),
            _stop(known),
        ),
    )


def _stop(known: Known) -> tuple[str, str]:
    token = known.keys.stop_token(known.contact)
    address = f"{known.origin}/recalls/contacts/{known.contact.id}/stop?token={token}"
    return translate(N_("Không nhận tin ở địa chỉ này nữa")), address


def _drilling(known: Known, one: Drilled, language: str) -> Section:
    names = [worded(each.name, each.name_en) for each in known.facilities] or [known.name]
    told = drilled.paragraphs(one, known.delivery, known.name, names)
    links = (*drilled.links(one, known.origin), _stop(known))
    return Section(language, drilled.heading(one), tuple(told), links)


def _what_to_do(message: Message) -> str:
    if message is Message.CORRECTED:
        return translate(
            N_(
                "Mở vụ việc để xem lô nào của bạn còn trong vụ việc. Với các lô đó, ngừng bán và "
                "để riêng hàng; báo cho nơi đã mua điều được đính chính."
            )
        )
    return translate(
        N_(
            "Ngừng bán và để riêng hàng của các lô trong vụ việc; báo cho nơi đã mua; "
            "ghi hàng trả về và hàng hủy ở trang Chuyến hàng."
        )
    )


def _whom(known: Known) -> str:
    delivery = known.delivery
    names = ", ".join(worded(one.name, one.name_en) for one in known.facilities)
    if delivery.message is Message.CORRECTED:
        # Of the lots that were taken out some may have been all that a facility had.
        return translate(
            N_("Được báo đính chính: {count} cơ sở, trong đó có: {names}"),
            count=delivery.facilities_total,
            names=names or known.name,
        )
    if delivery.owner_kind == "facility":
        return translate(N_("Cơ sở có hàng trong vụ việc: {names}"), names=names or known.name)
    return translate(
        N_("{count} cơ sở trong địa bàn của {name} có hàng trong vụ việc, trong đó có: {names}"),
        count=delivery.facilities_total,
        name=known.name,
        names=names,
    )


def _must_act(known: Known) -> bool:
    case = known.case
    return (
        known.delivery.owner_kind == "facility"
        and case is not None
        and case.state is CaseState.ORDERED
        and case.kind is not Kind.WARNING
    )
