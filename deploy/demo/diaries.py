"""The diary of a lot of the demo province, as registry is told it."""

from typing import Any

from deploy.demo.fields import LOCAL
from deploy.demo.lots import DiaryEntry, Lot, LotInput, Step
from deploy.demo.province import DemoProvince

Body = dict[str, Any]

# The diary of registry has no steps for these: they are told with the step that came before.
TOLD_BEFORE = frozenset({Step.CARE, Step.INSPECTING})
# The other steps whose amount has no field of its own are told it in words.
WITHOUT_AMOUNT = frozenset({Step.STORING, Step.TRANSPORTING})


def diary(one: Lot, province: DemoProvince) -> list[Body]:
    """The entries in order of time. Who did the work stays out: diaries are published."""
    left = list(one.inputs)
    entries: list[Body] = []
    waiting = ""
    for step in sorted(one.diary, key=lambda entry: entry.at):
        if step.step in TOLD_BEFORE:
            told = f"{step.at.astimezone(LOCAL):%d/%m/%Y}: {_sentence(step.activity)}"
            if entries:
                entries[-1]["note"] += f" {told}"
            else:
                waiting += f"{told} "
            continue
        entry = _entry(step, province, _source(step, left, province))
        entry["note"] = waiting + entry["note"]
        waiting = ""
        entries.append(entry)
    return entries


def _entry(step: DiaryEntry, province: DemoProvince, source: str) -> Body:
    place, place_code = province.place(step.place)
    entry: Body = {
        "step": step.step.value,
        "at": step.at.isoformat(),
        "place": place,
        "place_code": place_code,
        "note": _note(step),
    }
    if step.step is Step.INPUT:
        entry |= {
            "kind": step.input_kind,
            "name": step.input_name,
            "active_substance": step.active_substance or "",
            "dose": step.dose or "",
            "withdrawal_days": step.withdrawal_days,
        }
    elif step.step is Step.TRANSPORTING:
        carrier = province.facility[step.carrier].name if step.carrier else ""
        entry["vehicle"] = carrier
        entry["destination"] = province.facility[step.destination].name if step.destination else ""
    elif step.step is Step.STORING:
        entry["method"] = _celsius(step)
    elif step.quantity is not None:
        entry |= {"quantity": str(step.quantity), "unit": step.unit}
    if step.step is Step.COLLECTING:
        entry["source"] = source
    return entry


def _note(step: DiaryEntry) -> str:
    parts = [_sentence(step.activity)]
    if step.step in WITHOUT_AMOUNT and step.quantity is not None:
        parts.append(f"Số lượng: {_amount(step)} {step.unit}.")
    if step.step is not Step.STORING and step.temperature_c is not None and "°C" not in parts[0]:
        parts.append(f"Nhiệt độ: {_celsius(step)}.")
    return " ".join(parts)


def _source(step: DiaryEntry, left: list[LotInput], province: DemoProvince) -> str:
    """Whose lot was taken in at this step: the first input not yet told that has its amount."""
    if step.step is not Step.COLLECTING:
        return ""
    for taken in left:
        if (taken.quantity, taken.unit) == (step.quantity, step.unit):
            left.remove(taken)
            source = province.lot[taken.input_lot]
            return f"{province.facility[source.facility].name}, lô {source.code}"
    return ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _amount(step: DiaryEntry) -> str:
    """1300 as 1.300, 2.5 as 2,5: the Vietnamese way."""
    return f"{step.quantity:,.6g}".translate(str.maketrans(",.", ".,"))


def _celsius(step: DiaryEntry) -> str:
    if step.temperature_c is None:
        return ""
    return f"{step.temperature_c} °C".replace("-", "−")
