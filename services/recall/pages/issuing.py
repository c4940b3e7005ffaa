"""Who issues an official document, as its head names them (Decree 30/2020, Art. 8)."""

from typing import Final

from shared.commune_places import names

# The code of the province whose system this is.
HERE: Final = 22
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
COMMITTEE: Final = "Ủy ban nhân dân"
CITY: Final = "Thành phố "
DEPARTMENT: Final = "Sở "
# Filled in by hand.
BLANK: Final = "………"


def province_of(commune: str) -> str:
    """Its name with its kind where it is a city; "" where the commune is not known."""
    return names().get(commune, "").rpartition(", ")[2]


def committee_of(province: str) -> str:
    """The people's committee of a province or of a city of that rank; "" where it is not known."""
    if not province:
        return ""
    city = province.removeprefix(CITY)
    kind = "tỉnh" if city == province else "thành phố"
    return f"{COMMITTEE} {kind} {city}"


def body_above(issuer: str, tier: str, commune: str) -> str:
    """Who stands directly above who issues a paper (Decree 30/2020, Art. 8): the committee of the
    province above its departments, that of the commune above an office of it; nobody is named above
    a committee. Above others, a sub-department above all, stands a department that is not known
    here: its line is left to be filled in. With `tier` "" it is told by the name."""
    if issuer.startswith(COMMITTEE) or tier == "province":
        return ""
    if tier == "department" or (not tier and issuer.startswith(DEPARTMENT)):
        return committee_of(province_of(commune))
    near = names().get(commune, "").partition(", ")[0]
    if tier == "commune" and near:
        return f"{COMMITTEE} {near[0].lower()}{near[1:]}"
    return BLANK


def initials(issuer: str) -> str:
    """`SNNMT` of `Sở Nông nghiệp và Môi trường`, `UBND…` of a committee: the symbol of who issues
    it."""
    words = [word for word in issuer.split() if word[0].isalpha() and word != "và"]
    return "".join(word[0] for word in words).upper().replace("Ủ", "U")[:10]
