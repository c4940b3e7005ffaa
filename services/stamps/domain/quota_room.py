"""What quotas leave to who asks for stamps and who grants them, and refusals whose remedy works.

Of the quotas that bind, the refusal names the tightest: what it offers, all others take.
"""

from collections.abc import Iterable
from typing import Final

from services.stamps.domain.quotas import Standing, named
from shared.days import spoken
from shared.errors import Phrase, Refusal
from shared.tiers import AUTHORITIES

_SOMEBODY: Final = Phrase("cơ quan quản lý")


class QuotaExceeded(Refusal):
    code = "quota_exceeded"
    message = (
        "Vượt hạn mức tem {which}: {period} được cấp {limit} tem, đã cấp {issued}, còn {left}. "
        "Hãy giảm số tem xuống nhiều nhất {left}, hoặc đề nghị {authority} nâng hạn mức; "
        "từ {next} hạn mức tính lại từ đầu."
    )


class QuotaAwaited(Refusal):
    code = "quota_awaited"
    message = (
        "Vượt hạn mức tem {which}: {period} được cấp {limit} tem, đã cấp {issued}, các yêu cầu "
        "đang chờ quyết định xin {waiting}, nên chỉ xin thêm được {left}. Hãy giảm số tem xuống "
        "nhiều nhất {left}, rút lại yêu cầu đang chờ mà không còn cần, hoặc đề nghị {authority} "
        "nâng hạn mức."
    )


class QuotaAllAwaited(Refusal):
    code = "quota_all_awaited"
    message = (
        "Chưa xin thêm được tem nào: hạn mức tem {which} {period} là {limit} tem, đã cấp {issued}, "
        "và các yêu cầu đang chờ quyết định xin {waiting}, hết phần còn lại. Hãy rút lại yêu cầu "
        "đang chờ mà không còn cần, hoặc đề nghị {authority} nâng hạn mức."
    )


class QuotaUsedUp(Refusal):
    code = "quota_used_up"
    message = (
        "Đã hết hạn mức tem {which}: {period} được cấp {limit} tem, đã cấp {issued}. "
        "Trước ngày {next} không cấp thêm được tem nào, trừ khi {authority} nâng hạn mức; "
        "hãy chờ đến ngày đó hoặc đề nghị nâng."
    )


class QuotaOfNone(Refusal):
    code = "quota_of_none"
    message = (
        "Hạn mức tem {which} là 0: không cấp tem nào, kỳ này cũng như các kỳ sau. "
        "Hãy đề nghị {authority} nâng hoặc bỏ hạn mức."
    )


def must_leave(found: Iterable[Standing], quantity: int) -> None:
    """What is issued: raises QuotaOfNone, QuotaUsedUp, QuotaExceeded where fewer than `quantity`
    stamps are left."""
    tightest = min(found, key=_by_left, default=None)
    if tightest is not None and quantity > tightest.left:
        raise _issued_too_much(tightest)


def must_be_open(found: Iterable[Standing], quantity: int) -> None:
    """What is asked for, beside the requests that wait: raises the same, and QuotaAllAwaited,
    QuotaAwaited where it is those that leave fewer than `quantity` stamps."""
    tightest = min(found, key=lambda one: (one.open, *_by_left(one)), default=None)
    if tightest is None or quantity <= tightest.open:
        return
    if not tightest.left or not tightest.waiting:
        raise _issued_too_much(tightest)
    refusal = QuotaAwaited if tightest.open else QuotaAllAwaited
    raise refusal("quantity", **_told(tightest), waiting=tightest.waiting, left=tightest.open)


def _by_left(one: Standing) -> tuple[int, bool, int]:
    """The least first; of those that leave nothing, the one that goes on doing so for longest."""
    return one.left, one.quota.limit > 0, -one.ends.toordinal()


def _issued_too_much(one: Standing) -> Refusal:
    if not one.quota.limit:
        return QuotaOfNone("quantity", **_told(one))
    refusal = QuotaExceeded if one.left else QuotaUsedUp
    return refusal("quantity", **_told(one), left=one.left)


def _told(one: Standing) -> dict[str, Phrase | int | str]:
    which = (
        Phrase("cho sản phẩm này") if one.quota.product_id else Phrase("cho mọi sản phẩm của cơ sở")
    )
    return {
        "which": which,
        "period": named(one.quota.period, one.begins),
        "limit": one.quota.limit,
        "issued": one.issued,
        "next": spoken(one.ends),
        "authority": AUTHORITIES.get(one.quota.by_tier, _SOMEBODY),
    }
