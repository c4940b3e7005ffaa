"""What the makers of products are called in the language of the page."""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from services.registry.domain.records import Aggregate, Record
from services.registry.pages.showing import marked
from services.registry.store import records
from shared.mongo import Database
from shared.web.i18n import SOURCE_LANGUAGE, language_of


async def makers_named(db: Database, found: Iterable[Record[Any]]) -> dict[str, Markup]:
    """By the facility's id. Empty for who reads Vietnamese: records hold that name themselves."""
    if language_of() == SOURCE_LANGUAGE:
        return {}
    ids = tuple({record.owner.facility_id for record in found})
    makers = await records.find_many(db, Aggregate.FACILITY, ids)
    return {
        facility_id: marked(maker.published)
        for facility_id, maker in makers.items()
        if maker.published is not None
    }
