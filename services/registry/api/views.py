"""What the API answers, and how it names kinds of records and idempotency keys."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, Field
from starlette.convertors import Convertor, register_url_convertor

from services.registry.domain.geometry import as_geojson
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.records import Aggregate, Record
from services.registry.store.codec import Content
from services.registry.store.records import Version

AGGREGATES: dict[str, Aggregate] = {
    "facilities": Aggregate.FACILITY,
    "products": Aggregate.PRODUCT,
    "growing-areas": Aggregate.GROWING_AREA,
    "lots": Aggregate.LOT,
}


class KindConvertor(Convertor[str]):
    """`{kind:kind}` in an address fits the words above and nothing else (not `docs`, say)."""

    regex = "|".join(AGGREGATES)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("kind", KindConvertor())
Kind = Literal["facilities", "products", "growing-areas", "lots"]

RecordId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z-]+$")]


def aggregate_of(kind: Kind) -> Aggregate:
    """The kind of record that a word of an address names."""
    return AGGREGATES[kind]


def told(content: Content) -> dict[str, Any]:
    """A content's fields as the API takes them: a boundary is read as the GeoJSON it is sent as."""
    fields = asdict(content)
    if isinstance(content, GrowingArea):
        fields["boundary"] = as_geojson(content.boundary) if content.boundary else None
    return fields


class EnteredView(BaseModel):
    id: str
    version: int
    state: str
    code: str


class RecordView(BaseModel):
    """A record with its draft (null where there is none) and what is published of it."""

    id: str
    kind: str
    code: str
    version: int
    state: str
    status: str
    status_reason: str
    facility_id: str
    facility_name: str
    commune: str
    sector: str
    published_version: int
    published_at: datetime | None
    created_at: datetime
    updated_at: datetime
    entered_by: list[str]
    checked_by: str
    on_behalf: bool
    reason: str = Field(description="Lý do bị trả lại lần gần nhất")
    draft: dict[str, Any] | None
    published: dict[str, Any] | None

    @classmethod
    def of(cls, record: Record[Any]) -> "RecordView":
        return cls(
            id=record.id,
            kind=record.aggregate.value,
            code=record.code,
            version=record.version,
            state=record.state.value,
            status=record.status.value,
            status_reason=record.status_reason,
            facility_id=record.owner.facility_id,
            facility_name=record.owner.name,
            commune=record.owner.commune,
            sector=record.owner.sector,
            published_version=record.published_version,
            published_at=record.published_at,
            created_at=record.created_at,
            updated_at=record.updated_at,
            entered_by=[editor.name for editor in record.editors],
            checked_by=record.checked_by.name if record.checked_by else "",
            on_behalf=any(not editor.facility_id for editor in record.editors),
            reason=record.reason,
            draft=told(record.draft) if record.draft is not None else None,
            published=told(record.published) if record.published is not None else None,
        )


class ListView(BaseModel):
    """`total` of lots is counted up to 10,000, or 1,000 of a search; one more stands for any larger
    number."""

    items: list[RecordView]
    page: int
    size: int
    total: int


class VersionView(BaseModel):
    version: int
    at: datetime
    act: str
    by: str
    tier: str
    on_behalf: bool
    state: str
    reason: str
    content: dict[str, Any]

    @classmethod
    def of(cls, one: Version) -> "VersionView":
        return cls(
            version=one.version,
            at=one.at,
            act=one.act,
            by=one.by.name,
            tier=one.by.tier,
            on_behalf=not one.by.facility_id,
            state=one.state.value,
            reason=one.reason,
            content=told(one.content),
        )


class PictureView(BaseModel):
    id: str
    url: str
    width: int
    height: int
    public: bool
