"""What became of stamps in use: a design, sold goods, a mistake undone, a report answered, a copy.

All of it by the public ways, but for the copied stamp: its scans are sent to a replica as nginx
hands scans on, from addresses in so many neighbourhoods, for here there is but one.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from deploy.demo.client import RECALL, STAMPS, Account, Api, Refused, replicas, when_known

IN_USE: Final = "stamps in use"
# The batch of data/demo/stamps.csv, and serials of it that are in use for one lot.
BATCH: Final = "T001"
SOLD: Final = (2600, 2619)
REVOKED: Final = (2620, 2639)
REPORTED, COPIED = 2640, 2650
# Far from one another: nobody reads one stamp in all of them within a minute.
COMMUNES: Final = ("07090", "32248", "00004", "07192", "32248", "00008", "06712", "32248")
# The form is not taken sooner after it was shown; a program fills it at once, a person does not.
_READING_SECONDS: Final = 3.2
_FIELD: Final = r'name="{}" value="([^"]*)"'

DESIGN: Final = {
    "name": "Tem hộp chả mực",
    "size": "30mm",
    "pattern": "waves",
    "tint": "blue",
    "ink": "blue",
    "caption": "Chả mực Hạ Long Buồm Nâu",
}
WORDS: Final = (
    "Tôi mua hộp chả mực ở chợ Hạ Long 1, tem in mờ và hộp không có ngày đóng gói như trên trang."
)
ANSWER: Final = (
    "Đoàn kiểm tra đã đến quầy hàng: hộp là hàng thật, tem in mờ do máy in lỗi. Cơ sở đã thay tem."
)


@dataclass(frozen=True, slots=True)
class People:
    """The facility's operator, the ward's approver, who decides at the department."""

    operator: Account
    ward: Account
    department: Account


async def show(api: Api, number: int, people: People) -> None:
    """`number` is the batch's; raises Refused."""
    serials = f"first={REPORTED}&last={COPIED}"
    found = await people.operator.get(f"{STAMPS}/batches/{number}/codes?{serials}")
    code = {REPORTED + place: one for place, one in enumerate(found["codes"])}
    await asyncio.gather(
        _design(people),
        _sold_and_undone(number, people),
        _reported(api, code[REPORTED], people),
        _copied(code[COPIED]),
    )


async def _design(people: People) -> None:
    made = await people.operator.post(f"{STAMPS}/designs", DESIGN, key="demo-design")
    path = f"{STAMPS}/designs/{made['id']}"
    await people.operator.post(f"{path}/submission")
    await people.ward.post(f"{path}/decision", {"decision": "approve"})


async def _sold_and_undone(number: int, people: People) -> None:
    path = f"{STAMPS}/batches/{number}"
    sold = {"first": SOLD[0], "last": SOLD[1], "note": "Bán tại gian hàng hội chợ OCOP"}
    await people.operator.post(f"{path}/sales", sold)
    revoked = {"first": REVOKED[0], "last": REVOKED[1], "change": "revoke"}
    reason = {"reason": "Báo nhầm dải tem bị rách khi vận chuyển"}
    await people.ward.post(f"{path}/changes", {**revoked, **reason})
    stamp = await people.department.get(f"{path}/serials/{REVOKED[0]}")
    change = next(one["number"] for one in stamp["changes"] if one["change"] == "revoke")
    why = {"reason": "Đối chiếu biên bản: dải tem rách là của lô khác"}
    await people.department.post(f"{path}/changes/{change}/undo", why)


async def _reported(api: Api, code: str, people: People) -> None:
    """As a consumer does it, then as officials do."""
    address = f"/bao-van-de/{code}"
    page = await _until_known(api, address)
    fields: dict[str, Any] = {
        name: (found[1] if (found := re.search(_FIELD.format(name), page)) else "")
        for name in ("csrf", "token")
    }
    fields |= {"kind": "looks_fake", "words": WORDS, "commune": "06688", "place": "Chợ Hạ Long 1"}
    await asyncio.sleep(_READING_SECONDS)
    sent = await api.send("POST", address, data=fields)
    if sent.status_code >= 400:
        raise Refused(f"POST {address}", sent.status_code, "report", sent.text[:200])

    async def waiting() -> Any:
        listed = await people.ward.get(f"{RECALL}/complaints?state=new")
        if not listed["items"]:
            raise Refused("complaints", 404, "not_found", "the report has not arrived")
        return listed["items"][0]

    report = await when_known(waiting, ("not_found",))
    path = f"{RECALL}/complaints/{report['id']}"
    seen = await people.ward.post(f"{path}/seen")
    await people.ward.post(f"{path}/answer", {"version": seen["version"], "answer": ANSWER})


async def _until_known(api: Api, address: str) -> str:
    async def shown() -> str:
        answer = await api.send("GET", address, headers={"Accept": "text/html"})
        if answer.status_code != 200:
            raise Refused(address, answer.status_code, "not_found", "")
        return answer.text

    return str(await when_known(shown, ("not_found",)))


async def _copied(code: str) -> None:
    """Each from a neighbourhood of its own; left out where no replica's own port is known."""
    for origin in list(replicas().values())[:1]:
        async with httpx2.AsyncClient(base_url=origin, timeout=20) as nginx:
            await asyncio.gather(*_scans(nginx, code, COMMUNES))


def _scans(nginx: httpx2.AsyncClient, code: str, communes: Sequence[str]) -> list[Any]:
    async def scan(number: int, commune: str) -> None:
        # Of the networks for measuring (RFC 2544), so nobody's.
        told = {"X-Real-IP": f"198.18.{number}.7"}
        answer = await nginx.get(f"/v1/verdicts/{code}?commune={commune}", headers=told)
        answer.raise_for_status()

    return [scan(number, commune) for number, commune in enumerate(communes, 1)]
