"""The unified forms (R34), filled from what is on record; what is not stays to be written on."""

from collections.abc import Iterable
from typing import Final

from services.registry.domain.communes import PROVINCE_NAME
from services.registry.domain.facility import Facility
from services.registry.domain.inspections import Inspection
from shared.printing.account_form import OFFICIAL, OWNER, Applicant, account_form, committee
from shared.printing.sheet import Grid, Sheet
from shared.web.filters import show_date

Rows = Iterable[tuple[str, str]]
_AUTHORITY: Final = "Ủy ban nhân dân tỉnh"
_TRUE: Final = (
    "Chúng tôi cam đoan những nội dung trên là đúng sự thật và chịu trách nhiệm trước pháp luật "
    "về nội dung đã khai."
)
_COMMITMENTS: Final = (
    "1. Sản xuất, kinh doanh thực phẩm bảo đảm an toàn; chỉ dùng nguyên liệu, vật tư, phụ gia được "
    "phép, đúng liều lượng và đúng thời gian cách ly.",
    "2. Giữ nơi sản xuất, dụng cụ, nguồn nước và người trực tiếp làm việc đạt điều kiện vệ sinh.",
    "3. Ghi chép và lưu giữ đầy đủ thông tin truy xuất nguồn gốc: nơi mua, nơi bán, ngày, lô.",
    "4. Ngừng bán, thu hồi và báo ngay cho cơ quan quản lý khi phát hiện sản phẩm không an toàn.",
    "5. Tạo điều kiện để cơ quan quản lý kiểm tra; chịu trách nhiệm nếu vi phạm cam kết này.",
)


def registration(facility: Facility, code: str, rows: Rows, place: str) -> Sheet:
    """Phiếu đăng ký cơ sở; `rows` are the facility's fields as people read them."""
    return Sheet(
        title="Phiếu đăng ký cơ sở",
        subtitle="Tham gia hệ thống truy xuất nguồn gốc thực phẩm",
        issuer=facility.name,
        code=code,
        place=place,
        addressee=f"{_AUTHORITY} {PROVINCE_NAME}",
        opening=("Cơ sở đăng ký các thông tin sau:",),
        facts=tuple((label, text.replace("\n", "; ")) for label, text in rows),
        closing=(_TRUE,),
        signers=(OFFICIAL, OWNER),
    )


def commitment(facility: Facility, code: str, kinds: str, address: str, place: str) -> Sheet:
    """Bản cam kết: the paper of facilities that need no certificate (R11, R14)."""
    return Sheet(
        title="Bản cam kết",
        subtitle="Sản xuất, kinh doanh thực phẩm an toàn",
        issuer=facility.name,
        code=code,
        place=place,
        addressee=committee(place),
        facts=(
            ("Tên cơ sở", facility.name),
            ("Người đại diện", facility.representative),
            ("Địa chỉ", address),
            ("Điện thoại", facility.phone),
            ("Loại hình", kinds),
        ),
        closing=(
            "Cơ sở cam kết thực hiện đúng các nội dung sau:",
            *_COMMITMENTS,
            "Bản cam kết có giá trị đến ngày …… tháng …… năm ………, được lập thành hai bản, mỗi bên "
            "giữ một bản.",
        ),
        signers=(("Xác nhận của cơ quan tiếp nhận", OFFICIAL[1]), OWNER),
    )


def account(
    facility: Facility, code: str, papers: str, kinds: str, address: str, place: str
) -> Sheet:
    """Bản đăng ký cấp, cấp lại tài khoản (Decision 575/QĐ-SNN&MT), to be handed in on paper."""
    registered = facility.registration_number
    if facility.registration_date is not None:
        registered = f"{registered}, cấp ngày {show_date(facility.registration_date)}"
    return account_form(
        Applicant(
            name=facility.name,
            code=code,
            tax_number=facility.tax_number,
            registered=registered,
            address=address,
            kinds=kinds,
            representative=facility.representative,
            phone=facility.phone,
            email=facility.email,
            papers=papers.replace("\n", "; "),
            place=place,
        )
    )


def product(name: str, owner: str, code: str, rows: Rows, place: str) -> Sheet:
    """Phiếu khai báo sản phẩm."""
    return Sheet(
        title="Phiếu khai báo sản phẩm",
        subtitle=name,
        issuer=owner,
        code=code,
        place=place,
        facts=tuple((label, text.replace("\n", "; ")) for label, text in rows),
        closing=(_TRUE,),
        signers=(OFFICIAL, OWNER),
    )


def diary(
    code: str, owner: str, owner_code: str, facts: Rows, entries: Iterable[tuple[str, ...]]
) -> Sheet:
    """Phiếu nhật ký lô; `entries` as (time, stage, place, what was written down)."""
    return Sheet(
        title="Phiếu nhật ký lô sản phẩm",
        subtitle=f"Lô {code}",
        issuer=owner,
        code=owner_code,
        facts=tuple(facts),
        grid=Grid(
            ("Thời gian", "Công đoạn", "Địa điểm", "Nội dung"), (20, 22, 26, 42), tuple(entries)
        ),
        signers=(("Người ghi", "(Ký, ghi rõ họ tên)"), OWNER),
    )


def minute(one: Inspection, address: str, kind: str, result: str, states: dict[str, str]) -> Sheet:
    """Biên bản kiểm tra."""
    it = one.it
    rows = tuple(
        (
            str(number),
            v.what,
            v.basis,
            show_date(v.deadline) if v.deadline else "",
            f"{states[v.state.value]}. {v.remedy}" if v.remedy else states[v.state.value],
        )
        for number, v in enumerate(it.violations, start=1)
    )
    decision = it.decision
    if it.decision_on is not None:
        decision = f"{it.decision} ngày {show_date(it.decision_on)}".strip()
    return Sheet(
        title="Biên bản kiểm tra",
        subtitle="Việc chấp hành quy định về an toàn thực phẩm và truy xuất nguồn gốc",
        issuer=it.team,
        facts=(
            ("Ngày kiểm tra", show_date(it.on)),
            ("Hình thức", kind),
            ("Theo quyết định", decision),
            ("Cơ sở được kiểm tra", one.facility_name),
            ("Địa chỉ", address),
            ("Kết quả", result),
        ),
        grid=Grid(
            ("TT", "Vi phạm", "Căn cứ", "Hạn khắc phục", "Tình trạng"), (6, 34, 22, 18, 24), rows
        ),
        closing=(f"Nhận xét: {it.findings}",),
        signers=(("Đại diện cơ sở", OFFICIAL[1]), ("Trưởng đoàn kiểm tra", OFFICIAL[1])),
    )
