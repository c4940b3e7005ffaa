"""What officials do in the field: facilities they know, inspections, one stopped; and revenue.

It comes after everything else: a facility that has been stopped enters nothing more.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from deploy.demo.client import REGISTRY, Refused
from deploy.demo.filling import FACILITIES, Filling, RowRefused
from deploy.demo.officers import Officers
from deploy.demo.oversight_records import Inspection, KnownFacility, Revenue
from deploy.demo.province import DemoProvince
from deploy.demo.state import DemoState
from deploy.demo.telling import Telling

KNOWN, INSPECTIONS, REVENUES = "known facilities", "inspections", "revenues"


class Oversight:
    """One run; what an earlier one did is found by its keys and not done again."""

    def __init__(
        self, province: DemoProvince, filling: Filling, *, state: DemoState, telling: Telling
    ) -> None:
        self._province = province
        self._filling = filling
        self._officers = Officers(province)
        self._state = state
        self._telling = telling

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for known in self._province.known:
                group.create_task(self._once(KNOWN, known.key, self._known, known))
            for revenue in self._province.revenues:
                group.create_task(self._once(REVENUES, revenue.key, self._revenue, revenue))
            for one in self._province.inspections:
                group.create_task(self._once(INSPECTIONS, one.key, self._inspection, one))

    async def _once(
        self, kind: str, key: str, work: Callable[[Any], Awaitable[str]], of: object
    ) -> None:
        if self._state.id_of(kind, key) is not None:
            self._telling.had(kind)
            return
        try:
            made = await work(of)
        except Refused as refused:
            raise RowRefused(f"{kind}, {key}: {refused}") from refused
        self._state.done(kind, key, made)
        self._telling.made(kind)

    async def _known(self, one: KnownFacility) -> str:
        officer = self._filling.account(self._officers.on_behalf(one))
        body = one.model_dump(mode="json", exclude={"key", "invited"}, exclude_none=True)
        path = f"{REGISTRY}/known-facilities"
        kept = await officer.post(path, body, key=f"demo-known-{one.key}")
        if one.invited and kept["status"] == "known":
            step = {"step": "invite", "version": kept["version"], "note": one.invited}
            await officer.post(f"{path}/{kept['id']}/steps", step)
        return str(kept["id"])

    async def _revenue(self, one: Revenue) -> str:
        """Declared by the facility itself."""
        facility = self._province.facility[one.facility]
        account = self._filling.account(self._officers.enters(facility))
        path = f"{REGISTRY}/facilities/{self._filling.made(FACILITIES, one.facility)}"
        body = {"month": one.month, "amount": one.amount, "version": 0}
        try:
            await account.post(f"{path}/revenue", body)
        except Refused as refused:
            # Declared by an earlier run that was broken off.
            if refused.code != "edit_conflict" or not self._state.is_resumed:
                raise
        return one.month

    async def _inspection(self, one: Inspection) -> str:
        facility = self._province.facility[one.facility]
        facility_id = self._filling.made(FACILITIES, one.facility)
        checks = self._filling.account(self._officers.checks(facility))
        approves = self._filling.account(self._officers.approves(facility))
        path = f"{REGISTRY}/facilities/{facility_id}"
        kept = await checks.post(f"{path}/inspections", _minute(one), key=f"demo-check-{one.key}")
        here = f"{REGISTRY}/inspections/{kept['id']}"
        if one.remedy and kept["minute"]["violations"][0]["state"] == "open":
            settled = {"version": kept["version"], "remedy": one.remedy, "fined": one.fined}
            kept = await checks.post(f"{here}/violations/0/settlement", settled)
        if one.public_reason and not kept["public"]:
            told = {"version": kept["version"], "public": True, "reason": one.public_reason}
            await approves.post(f"{here}/publication", told)
        if one.stop_reason and (await approves.get(path))["status"] == "active":
            await approves.post(f"{path}/stop", {"reason": one.stop_reason})
        return str(kept["id"])


def _minute(one: Inspection) -> dict[str, Any]:
    violations = []
    if one.violation:
        deadline = one.deadline.isoformat() if one.deadline else None
        violations.append({"what": one.violation, "basis": one.basis or "", "deadline": deadline})
    return {
        "on": one.on.isoformat(),
        "kind": one.kind,
        "team": one.team,
        "decision": one.decision,
        "findings": one.findings,
        "result": one.result,
        "violations": violations,
    }
