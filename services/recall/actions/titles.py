"""What a target and its notice are called, in the languages that notices are given in."""

from datetime import date
from typing import Final

from services.recall.actions.reach import Subject
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import Kind
from services.recall.domain.used import called

_WORDS: Final[dict[str, dict[str, str]]] = {
    "vi": {
        Kind.RECALL: "Thu hồi {label}",
        Kind.WITHDRAWAL: "Rút khỏi thị trường {label}",
        Kind.WARNING: "Cảnh báo về {label}",
        "lot": "{goods}, lô {code}",
        "batch": "lô tem {batch}, {goods}",
        "stamps": "tem số {first}–{last} của lô tem {batch}, {goods}",
        "of": "sản phẩm của {name}",
        "goods": "sản phẩm",
        "area": "sản phẩm từ vùng {name} ({code})",
        "named_area": "sản phẩm từ {name} ({code})",
        "certificate": "sản phẩm của {name} theo giấy chứng nhận số {number}",
        "input": "sản phẩm đã dùng {name}",
        "package": "{name}, lô vật tư {number}",
        "used_between": "{goods}, dùng từ {since} đến {until}",
        "used_since": "{goods}, dùng từ {since}",
        "used_until": "{goods}, dùng đến {until}",
        "between": "{goods}, sản xuất từ {since} đến {until}",
        "since": "{goods}, sản xuất từ {since}",
        "until": "{goods}, sản xuất đến {until}",
        "day": "%d/%m/%Y",
    },
    "en": {
        Kind.RECALL: "Recall of {label}",
        Kind.WITHDRAWAL: "Withdrawal of {label}",
        Kind.WARNING: "Warning about {label}",
        "lot": "{goods}, lot {code}",
        "batch": "stamp batch {batch}, {goods}",
        "stamps": "stamps {first}–{last} of batch {batch}, {goods}",
        "of": "products of {name}",
        "goods": "products",
        "area": "products of the growing area {name} ({code})",
        "named_area": "products of the growing area {name} ({code})",
        "certificate": "products of {name} under certificate {number}",
        "input": "products on which {name} was used",
        "package": "{name}, package {number},",
        "used_between": "{goods}, used {since} to {until}",
        "used_since": "{goods}, used since {since}",
        "used_until": "{goods}, used until {until}",
        "between": "{goods}, produced {since} to {until}",
        "since": "{goods}, produced since {since}",
        "until": "{goods}, produced until {until}",
        "day": "%d/%m/%Y",
    },
    "zh": {
        Kind.RECALL: "召回：{label}",
        Kind.WITHDRAWAL: "撤出市场：{label}",
        Kind.WARNING: "预警：{label}",
        "lot": "{goods}，批次{code}",
        "batch": "标签批次{batch}，{goods}",
        "stamps": "标签批次{batch}中的标签{first}–{last}，{goods}",
        "of": "{name}的产品",
        "goods": "产品",
        "area": "产区{name}（{code}）的产品",
        "named_area": "产区{name}（{code}）的产品",
        "certificate": "{name}在证书{number}下的产品",
        "input": "使用过{name}的产品",
        "package": "{name}（批号{number}）",
        "used_between": "{goods}，{since}至{until}使用",
        "used_since": "{goods}，{since}起使用",
        "used_until": "{goods}，截至{until}使用",
        "between": "{goods}，{since}至{until}生产",
        "since": "{goods}，{since}起生产",
        "until": "{goods}，截至{until}生产",
        "day": "%Y年%m月%d日",
    },
}


def title(kind: Kind, subject: Subject, lang: str) -> str:
    """What the notice is called in `lang`."""
    return _WORDS[lang][kind].format(label=label(subject, lang))


def label(subject: Subject, lang: str) -> str:
    """What people call the target in `lang`."""
    words, target = _WORDS[lang], subject.target
    goods = _goods(subject, lang)
    if target.kind is TargetKind.LOT:
        return words["lot"].format(goods=goods, code=subject.lots[0].code)
    if target.kind is TargetKind.BATCH:
        return words["batch"].format(goods=goods, batch=target.id)
    if target.kind is TargetKind.STAMPS:
        return words["stamps"].format(
            goods=goods, first=target.first, last=target.last, batch=target.id
        )
    return _in_period(goods, target, words)


def _goods(subject: Subject, lang: str) -> str:
    facility, product = subject.facility, subject.product
    words, target = _WORDS[lang], subject.target
    if target.kind is TargetKind.FACILITY:
        return words["of"].format(name=_name(facility.name, facility.name_en, lang))
    if target.kind is TargetKind.CERTIFICATE:
        name = _name(facility.name, facility.name_en, lang)
        return words["certificate"].format(name=name, number=target.number)
    if target.kind is TargetKind.AREA and subject.area is not None:
        # Many names say themselves that they are one.
        said = "named_area" if subject.area.name.casefold().startswith("vùng ") else "area"
        return words[said].format(name=subject.area.name, code=subject.area.code)
    if target.kind is TargetKind.INPUT:
        return words["input"].format(name=_input(subject, words))
    if product is None:
        return _WORDS[lang]["goods"]
    return _name(product.name, product.name_en, lang)


def _input(subject: Subject, words: dict[str, str]) -> str:
    """The input as most of those who used it call it; names are not translated."""
    target = subject.target
    name = called(target.id, (use for lot in subject.lots for use in lot.used))
    return words["package"].format(name=name, number=target.number) if target.number else name


def _name(vietnamese: str, english: str, lang: str) -> str:
    """Names are given in no third language; who does not read Vietnamese gets the English one."""
    return vietnamese if lang == "vi" else english or vietnamese


def _in_period(goods: str, target: Target, words: dict[str, str]) -> str:
    since, until = _day(target.since, words), _day(target.until, words)
    if not (since or until):
        return goods
    which = "between" if since and until else "since" if since else "until"
    if target.kind is TargetKind.INPUT:
        which = f"used_{which}"
    return words[which].format(goods=goods, since=since, until=until)


def _day(day: date | None, words: dict[str, str]) -> str:
    return day.strftime(words["day"]) if day else ""
