"""Who was sent some of a lot reports, in a recall of stamps, as many as that may bear."""

from decimal import Decimal

from tests.answers import ok, refused
from tests.recall.builders import batch, lot, segment, shipment
from tests.recall.conftest import Recall
from tests.recall.test_recoveries import of_facility, reported, row
from tests.recall.test_rows_files import counted, csv_file, line, sent


async def test_a_receiver_reports_no_more_stamps_than_its_share_of_the_lot_may_bear(
    province: Recall,
) -> None:
    """30 of 100 kg came to it: of the 61 stamps on the lot that is at most 19."""
    await province.know(
        lot("sr1"),
        shipment("sh-sr1", "sr1", quantity=Decimal(30)),
        batch(901, 61),
        segment(901, (0, 60, "sr1", "active")),
    )
    case_id = (await province.order("901", target_kind="batch"))["id"]
    receiver = of_facility(province, "f2")
    spot = {"fate": "sold", "handling": None, "facility_id": "f2"}
    path = f"/recalls/{case_id}/recovery"
    too_many = await province.post(path, row("sr1", quantity="20", **spot), token=receiver)
    assert "19 tem" in str(refused(too_many, 422, "more_than_sent"))
    table = csv_file(line("SR1", facility_id="f2", quantity=12))
    told = await sent(province, case_id, table, token=receiver)
    ok(await counted(province, case_id, told["id"], receiver))
    again = await province.post(path, row("sr1", quantity="8", **spot), token=receiver)
    assert "7 tem" in str(refused(again, 422, "more_than_sent"))
    await reported(province, case_id, row("sr1", quantity="7", **spot), token=receiver)
    maker = of_facility(province, "f1")
    await reported(province, case_id, row("sr1", quantity="42"), token=maker)


async def test_goods_that_came_in_a_unit_which_tells_nothing_of_the_lot_set_no_limit(
    province: Recall,
) -> None:
    await province.know(
        lot("sr2"),
        shipment("sh-sr2", "sr2", quantity=Decimal(1), unit="hộp"),
        batch(902, 50),
        segment(902, (0, 49, "sr2", "active")),
    )
    case_id = (await province.order("902", target_kind="batch"))["id"]
    receiver = of_facility(province, "f2")
    spot = {"fate": "sold", "handling": None, "facility_id": "f2"}
    await reported(province, case_id, row("sr2", quantity="50", **spot), token=receiver)
