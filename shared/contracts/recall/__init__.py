"""What recall tells: cases and their notices, and what becomes of them and of reported problems."""

from shared.contracts.recall.complaints import ComplaintAnswered, ReporterAsked
from shared.contracts.recall.corrections import RecallCorrected
from shared.contracts.recall.deadlines import ClockChanged, DeadlineMissed, DeadlineNear
from shared.contracts.recall.drills import RecallDrillEnded, RecallDrillStarted
from shared.contracts.recall.notices import (
    MAX_TARGETS,
    NoticePublished,
    RecallClosed,
    RecallLifted,
    RecallOrdered,
    ScopeChanged,
    StampRange,
)
from shared.contracts.recall.oversight import InspectionWanted, ViolationReported
from shared.contracts.recall.receipts import ReceiptsComplete, ReceiptsMissing
from shared.contracts.recall.recoveries import GoodsAccounted, RecallAcknowledged
from shared.contracts.recall.signals import SignalDecided, SignalPlace, SignalRaised

__all__ = [
    "MAX_TARGETS",
    "ClockChanged",
    "ComplaintAnswered",
    "DeadlineMissed",
    "DeadlineNear",
    "GoodsAccounted",
    "InspectionWanted",
    "NoticePublished",
    "RecallAcknowledged",
    "RecallClosed",
    "RecallCorrected",
    "RecallDrillEnded",
    "RecallDrillStarted",
    "RecallLifted",
    "RecallOrdered",
    "ReceiptsComplete",
    "ReceiptsMissing",
    "ReporterAsked",
    "ScopeChanged",
    "SignalDecided",
    "SignalPlace",
    "SignalRaised",
    "StampRange",
    "ViolationReported",
]
