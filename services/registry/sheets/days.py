"""Days within lines of a cell."""

from datetime import date


def day_in(text: str) -> date | None:
    """A day as people here write it, or as programs do; None where it is none."""
    try:
        if "-" in text:
            return date.fromisoformat(text)
        day, month, year = (int(part) for part in text.split("/"))
        return date(year, month, day)
    except ValueError:
        return None
