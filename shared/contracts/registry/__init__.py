"""What registry tells: passports (what a consumer may see), one per aggregate, joined by id.

Everything in a passport was approved. Texts are Vietnamese; `*_en` is the English where given.
"""

from shared.contracts.registry.goods import (
    ChainParty,
    InputUsed,
    LotPublished,
    LotTested,
    PackedLot,
    ProductPublished,
    ProductWithdrawn,
    Recording,
    ShipmentPublished,
    ShippedLot,
    Stage,
    StageTold,
)
from shared.contracts.registry.measured import TemperatureMeasured
from shared.contracts.registry.oversight import (
    CertificateExpired,
    CertificateExpiring,
    FacilityEntered,
    FacilityKnown,
    InspectionRecorded,
    MarketExpired,
    MarketExpiring,
    ReviewDecided,
    ReviewsOfKind,
    ReviewsWaiting,
    ViolationSettled,
)
from shared.contracts.registry.places import (
    AcceptedMarket,
    AreaSeason,
    Certificate,
    FacilityPublished,
    FacilityResumed,
    FacilityStopped,
    GrowingAreaPublished,
)

__all__ = [
    "AcceptedMarket",
    "AreaSeason",
    "Certificate",
    "CertificateExpired",
    "CertificateExpiring",
    "ChainParty",
    "FacilityEntered",
    "FacilityKnown",
    "FacilityPublished",
    "FacilityResumed",
    "FacilityStopped",
    "GrowingAreaPublished",
    "InputUsed",
    "InspectionRecorded",
    "LotPublished",
    "LotTested",
    "MarketExpired",
    "MarketExpiring",
    "PackedLot",
    "ProductPublished",
    "ProductWithdrawn",
    "Recording",
    "ReviewDecided",
    "ReviewsOfKind",
    "ReviewsWaiting",
    "ShipmentPublished",
    "ShippedLot",
    "Stage",
    "StageTold",
    "TemperatureMeasured",
    "ViolationSettled",
]
