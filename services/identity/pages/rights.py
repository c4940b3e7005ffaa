"""Who may do what, as it is in force: shown to system accounts from the one matrix (R2)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity import labels
from services.identity.action_words import ACTIONS
from services.identity.domain.clients import grantable
from services.identity.domain.rights import PUBLISHING, is_changed, rows_of
from services.identity.tiers import Tier, tiers
from shared.auth import require
from shared.permissions import matrix
from shared.web.i18n import language_of
from shared.web.pages import render
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity/permissions")


@router.get("")
async def rights(request: Request, who: PagePrincipal) -> Response:
    require(who, "account.read")
    lang = language_of()
    asked = request.query_params.get("tier", who.tier)
    shown = {name: tier for name, tier in tiers().items() if tier.enabled}
    tier = shown.get(asked) or next(iter(shown.values()))
    return render(
        request,
        "rights.html",
        tier=tier,
        rows=list(rows_of(tier)),
        tiers=[(name, one.label(lang), f"?tier={name}") for name, one in shown.items()],
        publishing=[(action, _holders(action, shown, lang)) for action in PUBLISHING],
        programs=[(action, matrix()[action].scope == "none") for action in grantable()],
        changed=[action for action in matrix() if is_changed(action)],
        actions=ACTIONS,
        labels=labels,
    )


def _holders(action: str, shown: dict[str, Tier], lang: str) -> list[tuple[str, list[str]]]:
    """Tiers with the kinds of account that may do an action."""
    found = []
    for tier in shown.values():
        for row in rows_of(tier):
            if row.action == action:
                kinds = [kind for kind, cell in zip(tier.kinds, row.cells, strict=True) if cell]
                found.append((tier.label(lang), [labels.KINDS[kind] for kind in kinds]))
    return found
