"""Papers enclosed with an application: by content, a few, read by who decides alone (R5)."""

import io
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from PIL import Image

from services.identity.actions.enclosing import drop_forgotten
from services.identity.domain.application_refusals import ApplicationDecided
from services.identity.domain.applications import Application, State, Submission
from services.identity.domain.enclosed import MOST_PAPERS, Enclosed, Shows, TooManyPapers
from shared.errors import NotFound
from shared.ids import now
from tests.answers import token_in
from tests.identity.running_identity import API, Identity
from tests.identity.test_applications import decide, filled, find, hand_in

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
FILES = "application_files.files"


def photo(**changes: Any) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "ghi chú riêng"
    Image.new("RGB", changes.get("size", (60, 40)), "white").save(out, "JPEG", exif=exif)
    return out.getvalue()


def paper(number: int, code: bytes = b"c") -> Enclosed:
    return Enclosed(f"p{number}", code, Shows.OTHER, "file", "image/jpeg", 1, now())


def application(state: State = State.WAITING) -> Application:
    return Application("a", 1, (Submission(now(), b"c", filled()),), state)


def test_a_decided_application_takes_no_papers_and_gives_none_back() -> None:
    decided = application(State.REJECTED)
    with pytest.raises(ApplicationDecided):
        decided.enclose(paper(1))
    with pytest.raises(ApplicationDecided):
        decided.take_back("p1", b"c")


def test_there_are_ten_papers_at_most() -> None:
    it = application()
    for number in range(MOST_PAPERS):
        it = it.enclose(paper(number))
    with pytest.raises(TooManyPapers):
        it.enclose(paper(99))


def test_a_paper_is_taken_back_by_the_code_it_came_with_alone() -> None:
    it = application().enclose(paper(1)).enclose(paper(2, b"of another"))
    assert [one.id for one in it.sent_with(b"c")] == ["p1"]
    with pytest.raises(NotFound):
        it.take_back("p2", b"c")
    left, taken = it.take_back("p1", b"c")
    assert (taken.id, [one.id for one in left.papers]) == ("p1", ["p2"])


async def enclose(
    identity: Identity, code: str, data: bytes, shows: str = "business", **other: Any
) -> httpx2.Response:
    async with identity.client(other.get("address", "203.0.113.71")) as client:
        return await client.post(
            f"{API}/applications/tracked/{code}/papers",
            data={"shows": shows},
            files={"file": ("giay.pdf", data)},
        )


async def handed(identity: Identity, name: str) -> tuple[str, str]:
    """Its tracking code and its id."""
    address = "203.0.113.71"
    answer = await hand_in(identity, address=address, facility_name=name, tax_number="")
    assert answer.status_code == 201, answer.text
    return answer.json()["tracking_code"], (await find(identity, name))["_id"]


async def test_who_decides_reads_a_paper_and_that_is_recorded(identity: Identity) -> None:
    code, application_id = await handed(identity, "Hộ gửi giấy")
    assert (await enclose(identity, code, PDF)).status_code == 201
    assert (await enclose(identity, code, photo(), "identity")).status_code == 201
    async with await identity.api("tienyen.hethong") as api:
        told = (await api.get(f"{API}/applications/{application_id}")).json()["papers"]
        assert [one["shows"] for one in told] == ["business", "identity"]
        path = f"{API}/applications/{application_id}/papers"
        pdf = await api.get(f"{path}/{told[0]['id']}")
        assert (pdf.content, pdf.headers["content-type"]) == (PDF, "application/pdf")
        assert pdf.headers["content-disposition"] == "attachment"
        picture = await api.get(f"{path}/{told[1]['id']}")
        assert not Image.open(io.BytesIO(picture.content)).getexif()
        lost = await api.get(f"{path}/no-such-paper")
        assert (lost.status_code, lost.json()["code"]) == (404, "not_found")
    rows = identity.db.collection("outbox").find(
        {"body.subject": application_id, "body.data.action": "application.read_paper"}
    )
    outcomes = [row["body"]["data"]["outcome"] async for row in rows.sort("_id", 1)]
    assert outcomes == ["accepted", "accepted", "not_found"]
    newest = await identity.db.collection("outbox").find_one(
        {"body.type": "identity.application_published.v1", "body.subject": application_id},
        sort=[("body.version", -1)],
    )
    assert newest is not None
    assert newest["body"]["data"]["papers"] == 2


@pytest.mark.parametrize(
    ("who", "status"),
    [("bache.hethong", 404), ("yte.hethong", 404), ("tienyen.kiemtra", 403)],
)
async def test_nobody_else_reads_it(who: str, status: int, identity: Identity) -> None:
    code, application_id = await handed(identity, f"Hộ giấy kín {who}")
    await enclose(identity, code, PDF)
    paper_id = (await find(identity, f"Hộ giấy kín {who}"))["papers"][0]["id"]
    async with await identity.api(who) as api:
        path = f"{API}/applications/{application_id}/papers/{paper_id}"
        assert (await api.get(path)).status_code == status


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<svg onload=alert(1)>", "paper_unreadable"),
        (b"MZ" + b"\0" * 100, "paper_unreadable"),
        (b"%PDF-1.4 cut off", "paper_unreadable"),
        (photo()[:200], "paper_unreadable"),
        (b"", "paper_unreadable"),
    ],
    ids=["svg", "program", "half a PDF", "half a photo", "nothing"],
)
async def test_what_is_no_paper_by_its_content_is_refused_and_nothing_is_kept(
    data: bytes, code: str, identity: Identity
) -> None:
    tracking, _ = await handed(identity, "Hộ gửi tệp lạ")
    before = await identity.db.collection(FILES).count_documents({})
    answer = await enclose(identity, tracking, data)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert await identity.db.collection(FILES).count_documents({}) == before
    assert (await find(identity, "Hộ gửi tệp lạ"))["papers"] == []


async def test_a_decided_application_takes_no_paper(identity: Identity) -> None:
    code, application_id = await handed(identity, "Hộ đã bị từ chối")
    await decide(identity, "tienyen.hethong", application_id, "reject", reason="Sai địa bàn")
    answer = await enclose(identity, code, PDF)
    assert (answer.status_code, answer.json()["code"]) == (409, "application_decided")
    unknown = await enclose(identity, "0" * 16, PDF)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_a_page_without_javascript_sends_a_photo_and_takes_it_back(
    identity: Identity,
) -> None:
    code, application_id = await handed(identity, "Hộ gửi ảnh bằng trang")
    other, _ = await handed(identity, "Hộ gửi ảnh bằng trang")
    async with identity.client("203.0.113.72") as browser:
        page = await browser.get(f"/apply/{code}")
        form = {"csrf": token_in(page.text), "shows": "identity"}
        empty = await browser.post(f"/apply/{code}/papers", data={**form, "shows": ""})
        assert empty.status_code == 422
        sent = await browser.post(
            f"/apply/{code}/papers", data=form, files={"file": ("anh.jpg", photo())}
        )
        assert sent.status_code == 303, sent.text
        assert "/take-back" in (await browser.get(f"/apply/{code}")).text
        # The same facility's other sender sees nothing of it.
        assert "/take-back" not in (await browser.get(f"/apply/{other}")).text
        paper_id = (await find(identity, "Hộ gửi ảnh bằng trang"))["papers"][0]["id"]
        back = f"papers/{paper_id}/take-back"
        lost = await browser.post(f"/apply/{other}/{back}", data=form)
        assert lost.status_code == 404
        async with identity.browser("tienyen.hethong") as officer:
            path = f"/console/identity/applications/{application_id}"
            assert f"{path}/papers/{paper_id}" in (await officer.get(path)).text
            file = await officer.get(f"{path}/papers/{paper_id}")
            assert file.headers["content-disposition"].startswith("attachment")
            assert file.headers["content-security-policy"] == "sandbox"
        done = await browser.post(f"/apply/{code}/{back}", data=form)
        assert done.status_code == 303
    assert (await find(identity, "Hộ gửi ảnh bằng trang"))["papers"] == []


async def test_the_officers_page_names_the_commune(identity: Identity) -> None:
    _, application_id = await handed(identity, "Hộ xem tên xã")
    async with identity.browser("tienyen.hethong") as officer:
        page = await officer.get(f"/console/identity/applications/{application_id}")
    assert "Xã Tiên Yên" in page.text
    assert ">06862<" not in page.text


async def test_files_go_when_their_application_is_forgotten(identity: Identity) -> None:
    code, application_id = await handed(identity, "Hộ được quên")
    kept_code, _ = await handed(identity, "Hộ còn chờ")
    await enclose(identity, code, PDF)
    await enclose(identity, kept_code, PDF)
    await identity.db.collection("applications").delete_one({"_id": application_id})
    assert await drop_forgotten(db=identity.db, now=now()) == 0
    assert await drop_forgotten(db=identity.db, now=now() + timedelta(hours=2)) >= 1
    files = identity.db.collection(FILES)
    assert await files.count_documents({"metadata.application": application_id}) == 0
    kept = (await find(identity, "Hộ còn chờ"))["_id"]
    assert await files.count_documents({"metadata.application": kept}) == 1
