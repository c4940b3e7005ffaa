"""What machines read of public pages: schema.org with GS1's Web Vocabulary, as JSON-LD."""

from typing import Any

from services.registry.domain.article import Article
from services.registry.domain.communes import commune_name
from services.registry.domain.facility import Facility
from services.registry.domain.product import Product
from services.registry.domain.records import Record
from services.registry.naming import category_name
from services.registry.passports import facility_passport, image_address

CONTEXT: Any = {"@vocab": "https://schema.org/", "gs1": "https://ref.gs1.org/voc/"}
Linked = dict[str, Any]


def product(record: Record[Any], facility: Record[Any], origin: str) -> Linked:
    """A published product; prices are what the maker named, not an offer of the province."""
    it: Product = record.shown
    told = {
        "@context": CONTEXT,
        "@type": ["Product", "gs1:Product"],
        "@id": f"{origin}/products/{record.id}",
        "url": f"{origin}/products/{record.id}",
        "name": it.name,
        "alternateName": it.name_en,
        "description": it.description,
        "category": category_name(it.category),
        "image": [f"{origin}{image_address(one, 'large', 'jpg')}" for one in it.images],
        "brand": {"@type": "Brand", "name": it.brand} if it.brand else "",
        "gtin": it.gtin,
        "gs1:gtin": it.gtin,
        "sku": record.code,
        "gs1:productName": {"@value": it.name, "@language": "vi"},
        "gs1:netContentStatement": it.net_content,
        "gs1:consumerStorageInstructions": it.storage,
        "gs1:countryOfOrigin": {"gs1:countryCode": "VN"},
        "manufacturer": maker(facility, origin) if facility.published is not None else "",
    }
    return _filled(told)


def facility(record: Record[Any], origin: str) -> Linked:
    return {"@context": CONTEXT, **maker(record, origin)}


def maker(record: Record[Any], origin: str) -> Linked:
    """A published facility. A person's tax number is in no passport, so neither here."""
    it: Facility = record.shown
    place = it.latitude is not None and it.longitude is not None
    told = {
        "@type": ["Organization", "gs1:Organization"],
        "@id": f"{origin}/facilities/{record.id}",
        "url": f"{origin}/facilities/{record.id}",
        "name": it.name,
        "alternateName": it.name_en,
        "identifier": record.code,
        "taxID": facility_passport(record).tax_number,
        "globalLocationNumber": it.gln,
        "gs1:globalLocationNumber": it.gln,
        "telephone": it.phone,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": it.address,
            "addressLocality": commune_name(it.commune),
            "addressRegion": "Quảng Ninh",
            "addressCountry": "VN",
        },
        "location": {
            "@type": "Place",
            "geo": {"@type": "GeoCoordinates", "latitude": it.latitude, "longitude": it.longitude},
        }
        if place
        else "",
    }
    return _filled(told)


def article(one: Article, unit: str, origin: str) -> Linked:
    it = one.published
    assert it is not None  # Only what is published has a page.
    told = {
        "@context": "https://schema.org/",
        "@type": "NewsArticle",
        "headline": it.title,
        "description": it.summary,
        "datePublished": one.first_published_at.isoformat() if one.first_published_at else "",
        "dateModified": one.published_at.isoformat() if one.published_at else "",
        "image": [f"{origin}{image_address(f.picture, 'large', 'jpg')}" for f in it.figures],
        "author": {"@type": "GovernmentOrganization", "name": unit} if unit else "",
        "mainEntityOfPage": f"{origin}/news/{one.id}",
    }
    return _filled(told)


def _filled(told: Linked) -> Linked:
    """Without what is not known."""
    return {key: value for key, value in told.items() if value not in ("", [], None)}
