"""The life cycle of stamps: which change is possible from which state, and what it leaves."""

from collections.abc import Callable
from dataclasses import dataclass

from services.stamps.domain.intervals import Change
from shared.contracts.stamps import Interval
from shared.errors import Kind, Refusal


class SerialsAlreadyActivated(Refusal):
    code = "serials_already_activated"
    message = (
        "Các tem {first}–{last} đã được kích hoạt cho một lô sản phẩm. Tem đã kích hoạt không "
        "đổi lô được; nếu nhầm, hãy thu hồi chúng và dùng tem khác."
    )


class SerialsNotUsable(Refusal):
    code = "serials_not_usable"
    message = (
        "Các tem {first}–{last} đang ở trạng thái “{state}” nên không làm được việc này. "
        "Hãy chọn khoảng khác."
    )


class UnknownChange(Refusal):
    code = "unknown_change"
    kind = Kind.INVALID
    message = "Không có loại thay đổi “{change}”. Hãy chọn một loại trong danh sách."


# What each state is called, for messages and pages (msgids).
STATES = {
    "issued": "đã cấp, chưa kích hoạt",
    "active": "đang dùng",
    "returned": "đã trả lại",
    "damaged": "hỏng",
    "lost": "mất",
    "destroyed": "đã tiêu hủy",
    "suspended": "tạm ngừng",
    "revoked": "đã thu hồi",
}


@dataclass(frozen=True, slots=True)
class _Transition:
    before: frozenset[str]
    after: Callable[[Interval], str]


def _to(state: str) -> Callable[[Interval], str]:
    return lambda _: state


# A lifted suspension gives back what the stamp was: with a lot it had been active.
_CHANGES = {
    "return": _Transition(frozenset({"issued"}), _to("returned")),
    "damaged": _Transition(frozenset({"issued", "active", "suspended"}), _to("damaged")),
    "lost": _Transition(frozenset({"issued", "active", "suspended", "damaged"}), _to("lost")),
    "destroyed": _Transition(
        frozenset({"issued", "active", "suspended", "returned", "damaged", "revoked"}),
        _to("destroyed"),
    ),
    "suspend": _Transition(frozenset({"issued", "active"}), _to("suspended")),
    "unsuspend": _Transition(
        frozenset({"suspended"}), lambda interval: "active" if interval.lot else "issued"
    ),
    "revoke": _Transition(
        frozenset({"issued", "active", "suspended", "returned", "damaged", "lost"}),
        _to("revoked"),
    ),
}
CHANGES = tuple(_CHANGES)


def activation(lot_id: str) -> Change:
    """Give never-activated serials to a lot. A serial's lot never changes afterwards."""

    def change(interval: Interval) -> Interval:
        if interval.lot:
            raise SerialsAlreadyActivated(first=interval.first, last=interval.last)
        if interval.state != "issued":
            raise SerialsNotUsable(
                first=interval.first, last=interval.last, state=STATES[interval.state]
            )
        return Interval(interval.first, interval.last, lot_id, "active")

    return change


def change_of_state(name: str) -> Change:
    """One of CHANGES, applied to intervals that may undergo it; raises UnknownChange."""
    transition = _CHANGES.get(name)
    if transition is None:
        raise UnknownChange("change", change=name)

    def change(interval: Interval) -> Interval:
        if interval.state not in transition.before:
            raise SerialsNotUsable(
                first=interval.first, last=interval.last, state=STATES[interval.state]
            )
        return interval._replace(state=transition.after(interval))

    return change
