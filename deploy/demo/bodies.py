"""What the public APIs are sent for each record of the demo province."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from deploy.demo import households
from deploy.demo.codes import DemoSeeds
from deploy.demo.diaries import Body, diary
from deploy.demo.fields import LOCAL
from deploy.demo.lots import Lot, LotInput
from deploy.demo.province import DemoProvince
from deploy.demo.records import Account, Facility, GrowingArea, Product


def installation(province: DemoProvince, seeds: DemoSeeds) -> Body:
    """Units and officials, for `services.identity.bootstrap`."""
    units = [
        {
            "id": one.key,
            "name": one.name,
            "tier": one.tier,
            "parent_id": one.parent,
            "communes": list(one.communes),
            "sector": one.sector,
        }
        for one in province.units
    ]
    officials = [one for one in province.accounts if one.tier != "facility"]
    return {"units": units, "accounts": [official(one, seeds) for one in officials]}


def official(account: Account, seeds: DemoSeeds) -> Body:
    assert account.assignment_date is not None  # The data's checks see to it.
    return {
        "username": account.username,
        "name": account.full_name,
        "position": account.position[:120],
        "kinds": list(account.kinds),
        "unit_id": account.unit,
        "assignment": {
            "number": account.assignment_number,
            "date": account.assignment_date.isoformat(),
        },
        "totp_seed": seeds.seed(account.username),
    }


def facility_account(account: Account, facility_id: str) -> Body:
    return {
        "username": account.username,
        "name": account.full_name,
        "position": account.position[:120],
        "tier": "facility",
        "kinds": list(account.kinds),
        "facility_id": facility_id,
    }


def facility(one: Facility, province: DemoProvince) -> Body:
    """Certificates of single products stay out: on another product's page they would mislead."""
    certificates = [
        {
            "kind": certificate.kind,
            "number": certificate.number,
            "issuer": certificate.issuer,
            "scope": certificate.scope,
            "issued_on": certificate.issued_on.isoformat(),
            "expires_on": certificate.expires_on.isoformat() if certificate.expires_on else None,
        }
        for certificate in province.certificates_of(one.key)
        if certificate.product is None
    ]
    same = one.model_dump(
        mode="json",
        include={
            *("name", "name_en", "form", "facility_class", "sector", "kinds", "commune"),
            *("address", "latitude", "longitude", "representative", "phone", "gln"),
            *("tax_number", "registration_number", "registration_date", "plant_code"),
            *("safe_chain", "description", "description_en"),
        },
    )
    return {**_known(same), "certificates": certificates, "marks": _marks(one, province)}


def _marks(one: Facility, province: DemoProvince) -> list[str]:
    """What the facility's products make it count as (R14)."""
    made = [product for product in province.products if product.producer == one.key]
    holds = {
        "ocop": any(product.ocop_stars for product in made),
        "key_product": any(product.key_product for product in made),
        "processed": "processing" in one.kinds,
    }
    return [mark for mark, held in holds.items() if held]


# Words of a crop's English name, and its key in the catalogue of crops.
SPECIES = {
    "custard apple": "custard-apple",
    "lychee": "lychee",
    "durian": "durian",
    "orange": "orange",
    "guava": "guava",
    "dragon fruit": "dragon-fruit",
    "rice": "rice",
    "peanut": "peanut",
    "tea": "tea",
    "oyster": "oyster",
    "clam": "clam",
    "shrimp": "shrimp",
    "vegetable": "vegetables",
}


# Importing countries that accept an area's code (invented): country, its own number, days left.
MARKETS = {
    "VN-QNOR-0001": [("CN", "CN-QN-0001", 45), ("JP", "", 300)],
    "VN-QNOR-0005": [("CN", "CN-QN-0005", 200), ("AU", "AU-LY-0005", 25)],
    "VN-QNOR-0008": [("CN", "CN-QN-0008", 400)],
    "VN-QNAQ-0001": [("EU", "EU-QN-0001", 150)],
}


def area(one: GrowingArea, facility_id: str, today: date) -> Body:
    """With its drawn boundary, a season for this year and the last, and who accepts its code."""
    named, year = one.crop_en.lower(), today.year
    markets = [
        {
            "country": country,
            "number": number,
            "until": (today + timedelta(days=days)).isoformat(),
        }
        for country, number, days in MARKETS.get(one.code, [])
    ]
    return {
        "kind": one.kind,
        "markets": markets,
        "species": next((key for word, key in SPECIES.items() if word in named), ""),
        "boundary": {"type": "Polygon", "coordinates": [[list(point) for point in one.ring]]},
        "seasons": [
            {"name": f"Năm {y}", "starts_on": f"{y}-01-01", "ends_on": f"{y}-12-31"}
            for y in (year - 1, year)
        ],
        "facility_id": facility_id,
        "name": one.name,
        "crop": one.crop,
        "commune": one.commune,
        "code": one.code,
        "area_hectares": str(round(one.area_ha, 4)),
        "households": one.households,
        "members": households.of(one),
    }


def product(
    one: Product, facility_id: str, images: list[str], chain: list[tuple[str, str]]
) -> Body:
    """`chain` are (role, facility id) of those who have a part in it beside its producer."""
    same = one.model_dump(
        mode="json",
        include={
            *("name", "name_en", "category", "gtin", "brand", "description", "description_en"),
            *("origin", "capacity", "packaging", "net_content", "price", "shelf_life_days"),
            *("storage", "storage_from", "storage_to", "standards", "ocop_stars", "key_product"),
        },
    )
    parties = [{"role": role, "facility_id": party} for role, party in chain]
    return {**_known(same), "facility_id": facility_id, "images": images, "chain": parties}


@dataclass(frozen=True, slots=True)
class LotNeeds:
    """Ids of what a lot names; `inputs` in the order of the file, all held by the facility."""

    facility: str
    product: str
    area: str
    inputs: list[str]


def lot(one: Lot, province: DemoProvince, needs: LotNeeds) -> Body:
    return {
        "facility_id": needs.facility,
        "product_id": needs.product,
        "code": one.code,
        "quantity": str(one.quantity),
        "unit": one.unit,
        "produced_on": one.produced_on.isoformat(),
        "growing_area_id": needs.area,
        "used": [
            {"lot": lot_id, "quantity": str(taken.quantity), "unit": taken.unit}
            for lot_id, taken in zip(needs.inputs, one.inputs, strict=True)
        ],
        # Pieces, crates and litres do not compare; the books of the workshop do.
        "explanation": "Theo sổ định mức chế biến của cơ sở." if needs.inputs else "",
        "entries": diary(one, province),
    }


def receipt(one: Lot, taken: LotInput, facility_id: str, lot_id: str, place: str) -> Body:
    """What the facility bought of another's lot before it made its own of it."""
    return {
        "facility_id": facility_id,
        "lot": lot_id,
        "quantity": str(taken.quantity),
        "unit": taken.unit,
        "at": datetime.combine(one.produced_on, time(), LOCAL).isoformat(),
        "place": place,
        "documents": f"PXK-{one.key[:20]}",
    }


def _known(values: Body) -> Body:
    """Only what is known: an empty cell is left out of the request."""
    return {name: value for name, value in values.items() if value is not None}
