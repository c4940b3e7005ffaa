"""The entry form of a facility is filled in by the link of an application for an account (R5)."""

from urllib.parse import urlencode

from starlette.requests import Request

from services.registry.pages.facility_form import prefilled


def told(*pairs: tuple[str, str]) -> dict[str, object]:
    query = urlencode(pairs).encode()
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": query, "headers": []}
    return prefilled(Request(scope))


def test_only_what_is_not_personal_and_known_is_taken_from_the_address() -> None:
    assert told(
        ("name", "HTX Gà"),
        ("commune", "06862"),
        ("kinds", "livestock"),
        ("kinds", "nonsense"),
        ("phone", "0203 000 1007"),
        ("representative", "Chu Văn Lợi"),
        ("key", "someone-elses"),
        ("address", ""),
    ) == {"name": "HTX Gà", "commune": "06862", "kinds": ["livestock"]}


def test_a_long_address_is_cut() -> None:
    assert len(str(told(("name", "x" * 5000))["name"])) == 300
