"""The ledger is read by people: no kind of event and no act is shown to them as a code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.reporting.codes import event_label, refusal_label
from services.reporting.labels import act_label
from shared.contracts import schema

SERVICES = Path(__file__).resolve().parents[2] / "services"
AUDITED = {"accepted", "attempt", "refused"}


def acts() -> Iterator[str]:
    """Every act that is named where something is audited."""
    for path in SERVICES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in AUDITED:
                for given in node.args:
                    text = given.value if isinstance(given, ast.Constant) else ""
                    if isinstance(text, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", text):
                        yield text


@pytest.mark.parametrize("type_", sorted(schema.all_types()))
def test_every_kind_of_event_has_words(type_: str) -> None:
    assert event_label(type_) != type_


# Acts whose codes are put together where they are recorded.
COMPOSED = (
    *(
        f"{kind}.{act}"
        for kind in ("facility", "product", "growing_area", "lot")
        for act in ("submit", "accepted", "rejected", "published", "accept", "publish", "export",
                    "import", "enter")
    ),
    "import.accept", "import.publish", "known_facility.export", "known_facility.import",
    "known_facility.close", "known_facility.invite", "known_facility.reopen",
    "lot.transformation.export",
    "inspection.correct", "inspection.settle", "inspection.withhold",
    *(f"lot.{kind}" for kind in ("split", "merge", "process", "collect")),
    *(f"lot.{kind}.cancel" for kind in ("split", "merge", "process", "collect")),
    "lot.collect.deny",
    *(f"lot.test.{standing}" for standing in ("approved", "allowed", "confirmed")),
    *(f"lot.examination.{standing}" for standing in ("cleared", "confirmed")),
    "access.read",
    "lot.test.decide", "lot.test.report", "lot.examination.decide", "lot.transformation.cancel",
)  # fmt: skip


@pytest.mark.parametrize("act", sorted({*acts(), *COMPOSED}))
def test_every_act_has_words(act: str) -> None:
    assert act_label(act) != act


def test_acts_are_found_at_all() -> None:
    assert {"product.withdraw", "recording.upload", "inquiry.send"} <= set(acts())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("forbidden", "Không có quyền"),
        ("area_code_taken", "Mã đã có nơi khác dùng"),
        ("own_article", "Việc của chính mình, phải để người khác quyết định"),
        ("too_many_pictures", "Vượt giới hạn"),
        ("something_new", "Không đủ điều kiện"),
    ],
)
def test_a_refusal_is_told_in_words(code: str, words: str) -> None:
    assert refusal_label(code) == words
