"""How far officials are with what people reported."""

from pydantic import AwareDatetime

from shared.contracts.event import Event


class ComplaintAnswered(Event):
    """How far officials are with a reported problem. `subject` is the report, as scan named it.

    `state` is seen or closed; only then `answer` says what the reporter is to know.
    """

    type = "recall.complaint_answered.v1"

    state: str
    answer: str = ""
    authority: str = ""


class ReporterAsked(Event):
    """Officials ask who reported a problem for more. `subject` is "<report>/<question>".

    `question` counts the report's questions from 1; it can be answered until `until`, by who holds
    the report's code.
    """

    type = "recall.reporter_asked.v1"

    complaint_id: str
    question: int
    text: str
    authority: str
    until: AwareDatetime
