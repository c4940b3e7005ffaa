"""Every service that has forms has the test that walks through all of them."""

from pathlib import Path

SERVICES = Path(__file__).resolve().parents[1] / "services"


def test_no_service_with_forms_goes_without_the_walk() -> None:
    pages = [
        *SERVICES.glob("*/pages/**/*.py"),
        *SERVICES.glob("*/pages.py"),
        *SERVICES.glob("*/desk/pages.py"),
    ]
    with_forms = {
        file.relative_to(SERVICES).parts[0]
        for file in pages
        if "shared.web.csrf" in file.read_text(encoding="utf-8")
    }
    walked = {file.parent.name for file in Path(__file__).parent.glob("*/test_every_form.py")}
    assert with_forms == walked
