"""On what a claim rests: the facility's word, an inspection, a laboratory, a measuring device."""

from typing import Final, Literal

from shared.contracts.registry import Certificate, StageTold

Ground = Literal["declared", "inspected", "laboratory", "sensor"]

# Papers that an authority or a certification body issues after having looked (Decree 15/2018,
# Art. 11 and 12; TCVN and ISO schemes; OCOP is ranked by a council). A commitment, a standard of
# one's own and whatever has no kind here are the facility's word, though seen by an official.
_INSPECTED: Final = frozenset(
    {
        *("attp", "vietgap", "globalgap", "gmp", "haccp", "iso22000", "ifs", "brc"),
        *("fssc22000", "organic", "halal", "ocop"),
    }
)
# CBV business steps and the field's names of them; every other step is the facility's own diary.
_STEPS: Final[dict[str, Ground]] = {"testing": "laboratory", "sensor_reporting": "sensor"}


def of_stage(stage: StageTold) -> Ground:
    return _STEPS.get(stage.step, "declared")


def of_certificate(one: Certificate) -> Ground:
    return "inspected" if one.kind in _INSPECTED else "declared"
