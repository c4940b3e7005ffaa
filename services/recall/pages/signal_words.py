"""The words of early warning, and its pictures."""

import re
from collections import Counter
from typing import Any, Final
from urllib.parse import urlencode

from services.recall.domain.signals.fact import Fact, part_of, shipment_of
from services.recall.domain.signals.rules import Rule
from services.recall.domain.signals.signal import Signal
from services.recall.pages.complaint_words import PROBLEMS
from services.recall.pages.suspicion_words import COPIES
from services.recall.queries.signals import Row
from shared.days import local_day
from shared.web.charts import Chart, bars, lines
from shared.web.i18n import N_, language_of, translate, worded

# Facts whose words are numbers: Vietnamese writes a comma.
MEASURED: Final = ("temperature", "balance")
_POINT: Final = re.compile(r"(?<=\d)\.(?=\d)")
STATES: Final = {
    "open": N_("Chờ quyết định"),
    "suspicion": N_("Đã lập hồ sơ nghi ngờ"),
    "inspection": N_("Đã đề nghị kiểm tra"),
    "recall": N_("Đã ra lệnh"),
    "dismissed": N_("Đã bỏ qua"),
    "subsided": N_("Tự hết"),
}
TONES: Final = {
    "open": "bad",
    "suspicion": "info",
    "inspection": "info",
    "recall": "good",
    "dismissed": "neutral",
    "subsided": "neutral",
}
SEVERITIES: Final = {
    "attention": N_("Cần chú ý"),
    "serious": N_("Nghiêm trọng"),
    "critical": N_("Rất nghiêm trọng"),
}
SEVERITY_TONES: Final = {"attention": "caution", "serious": "bad", "critical": "bad"}
KINDS: Final = {
    "test": N_("Kết quả kiểm nghiệm không đạt"),
    "complaint": N_("Phản ánh của người dùng"),
    "copy": N_("Tem nghi bị sao chép"),
    "expired": N_("Sản xuất khi giấy an toàn thực phẩm hết hạn"),
    "temperature": N_("Nhiệt độ ngoài mức yêu cầu"),
    "balance": N_("Nhiều hơn số đã làm ra"),
}
# What more there is to say of a fact than its kind does.
MORE: Final = {
    "sent": N_("đã gửi đi, đã bán"),
    "stamped": N_("tem đã kích hoạt"),
    "storing": N_("khi lưu kho"),
    "sorting": N_("khi phân loại"),
    "displaying": N_("khi bày bán"),
    "examining": N_("khi kiểm tra"),
    "transporting": N_("trên xe"),
}

UNITS: Final = {
    "facility_id": N_("cơ sở"),
    "lot_id": N_("lô"),
    "product_id": N_("sản phẩm"),
    "stamp": N_("con tem"),
    # A stamp, or a report that no stamp bears out.
    "report": N_("nguồn phản ánh"),
    "hand": N_("nguồn phản ánh"),
    "id": N_("lần"),
    "reading": N_("lần"),
}
TIERS: Final = {
    "province": N_("Cấp tỉnh"),
    "department": N_("Sở"),
    "unit": N_("Đơn vị thuộc sở"),
    "commune": N_("Xã, phường, đặc khu"),
}
STEPS: Final = {
    **STATES,
    "reopened": N_("Có thêm bằng chứng, mở lại"),
    "subsided": N_("Bằng chứng không còn đủ, tự hết"),
}


def name(rule: Rule | None, key: str = "") -> str:
    return worded(rule.name.vi, rule.name.en, rule.name.zh) if rule else key


def text(rule: Rule | None) -> str:
    return worded(rule.text.vi, rule.text.en, rule.text.zh) if rule else ""


def needs(rule: Rule) -> str:
    """The threshold as a sentence."""
    unit = translate(UNITS[rule.counts])
    told = translate(N_("từ {count} {unit} trong {days} ngày"))
    parts = [told.format(count=rule.threshold, unit=unit, days=rule.days)]
    if rule.across:
        of = translate(N_("thuộc từ {count} {unit} khác nhau"))
        parts.append(of.format(count=rule.at_least, unit=translate(UNITS[rule.across])))
    if rule.false_alarm:
        parts.append(translate(N_("và nhiều hơn hẳn ngày thường")))
    return ", ".join(parts)


def evidence(signal: Signal) -> str:
    """How much there is of how much it takes."""
    rule = signal.rule
    unit = translate(UNITS[rule.counts]) if rule else ""
    told = translate(N_("{count} {unit} (báo từ {needed})"))
    return told.format(count=signal.count, unit=unit, needed=signal.needed)


def counted_once(signal: Signal) -> str:
    """How many reports that officials entered count as how many; "" where each counts."""
    entered = [fact.clerk for fact in signal.facts if fact.clerk]
    clerks = len(set(entered))
    if signal.rule is None or signal.rule.counts != "hand" or len(entered) == clerks:
        return ""
    told = N_("{count} phản ánh do cán bộ nhập tính là {clerks} nguồn: mỗi cán bộ là một nguồn.")
    return translate(told).format(count=len(entered), clerks=clerks)


def label(fact: Fact, row: Row) -> str:
    """What the fact says, in words; a parameter as the laboratory wrote it."""
    known = {**PROBLEMS, **COPIES}
    said = translate(known[fact.label]) if fact.label in known else fact.label
    if fact.kind in MEASURED and language_of() == "vi":
        said = _POINT.sub(",", said)
    parts = [said, translate(MORE[fact.what]) if fact.what in MORE else ""]
    if code := row.names.shipments.get(shipment_of(fact)):
        parts.append(translate(N_("chuyến hàng {code}")).format(code=code))
    if fact.kind == "expired" and fact.over:
        parts.append(translate(N_("quá {count} ngày"), count=int(fact.over)))
    return ", ".join(part for part in parts if part)


def about(row: Row) -> str:
    """What the facts have in common, by name."""
    signal, names = row.signal, row.names
    said = translate(PROBLEMS[signal.label]) if signal.label in PROBLEMS else signal.label
    parts = [said, row.input]
    for field, known in (
        ("lot_id", names.lots),
        ("product_id", names.products),
        ("facility_id", names.facilities),
        ("commune", names.communes),
    ):
        id_ = part_of(signal.key, field)
        parts.append(known.get(id_, id_))
    return " · ".join(part for part in parts if part)


def source(fact: Fact, row: Row) -> str:
    """The page that shows where it comes from; "" where there is none for the asker."""
    if fact.facility_id and fact.facility_id not in row.reach:
        return ""
    at = {
        "test": f"/console/registry/lots/{fact.source}",
        "expired": f"/console/registry/lots/{fact.source}",
        "complaint": f"/console/recall/complaints/{fact.source}",
        "copy": f"/console/scan/suspicions/{fact.source}",
        "temperature": f"/console/registry/{fact.source}",
        "balance": f"/console/registry/lots/{fact.source}",
    }
    return at[fact.kind] if fact.source else ""


def order_href(signal: Signal) -> str:
    """The order form with its target, and what is suspected as a beginning; "" without one."""
    target = signal.target
    if target is None:
        return ""
    told = {"target_kind": target.kind, "target": target.id, "signal": signal.id}
    return "/console/recall/radius?" + urlencode(told)


def goods(row: Row) -> list[tuple[str, str]]:
    """What a suspicion may be aimed at, the most often concerned first."""
    found: Counter[tuple[str, str]] = Counter()
    names = row.names
    for fact in row.signal.facts:
        if fact.facility_id not in row.reach:
            continue
        whose = names.facilities.get(fact.facility_id, fact.facility_id)
        if fact.lot_id:
            code = names.lots.get(fact.lot_id, fact.lot_id)
            found[f"lot:{fact.lot_id}", f"{translate(N_('Lô'))} {code}, {whose}"] += 1
        if fact.product_id:
            product = names.products.get(fact.product_id, fact.product_id)
            found[f"product:{fact.product_id}", f"{product}, {whose}"] += 1
        every = translate(N_("Mọi hàng của {name}")).format(name=whose)
        found[f"facility:{fact.facility_id}", every] += 1
    return [one for one, _ in found.most_common(100)]


def pictures(row: Row) -> list[Chart]:
    """How the evidence came together against the threshold, and where."""
    signal = row.signal
    rule = signal.rule
    if rule is None or not signal.facts:
        return []
    seen: set[str] = set()
    by_day: dict[str, int] = {}
    for fact in signal.facts:
        seen.add(fact.unit(rule.counts))
        by_day[f"{local_day(fact.at):%d/%m}"] = len(seen)
    unit = translate(UNITS[rule.counts])
    series = {
        translate(N_("Bằng chứng tới ngày đó")): list(by_day.values()),
        translate(N_("Ngưỡng")): [signal.needed] * len(by_day),
    }
    title = translate(N_("Bằng chứng theo thời gian so với ngưỡng ({unit})")).format(unit=unit)
    draw = lines if len(by_day) > 2 else bars  # A line of one point is none.
    found = [draw(title, list(by_day), series)]
    where = Counter(_commune(row, fact) for fact in signal.facts)
    if len(where) > 1:
        told = where.most_common(12)
        by_place = {translate(N_("Bằng chứng")): [number for _, number in told]}
        labels = [row.names.communes.get(code, code) or "—" for code, _ in told]
        found.append(bars(translate(N_("Theo xã, phường")), labels, by_place, horizontal=True))
    return found


def _commune(row: Row, fact: Fact) -> str:
    places = {place.facility_id: place.commune for place in row.signal.places}
    return fact.commune or places.get(fact.facility_id, "")


def words() -> dict[str, Any]:
    """What the templates are given."""
    return {
        **{"signal_states": STATES, "signal_tones": TONES, "severities": SEVERITIES},
        **{"severity_tones": SEVERITY_TONES, "fact_kinds": KINDS, "units": UNITS},
        **{"tiers": TIERS, "signal_steps": STEPS, "rule_name": name, "rule_text": text},
        **{"needs": needs, "fact_label": label, "about": about, "fact_source": source},
        **{"evidence": evidence, "counted_once": counted_once},
    }
