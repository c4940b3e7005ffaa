"""The console's side menu: one table; a person sees what their account may do something with."""

from dataclasses import dataclass

from shared.auth import Principal
from shared.web.i18n import N_


@dataclass(frozen=True)
class Item:
    """`actions`: any one of them, from shared/permissions.toml, makes the link visible. `also`:
    what else lies under it, though its address says otherwise."""

    label: str
    href: str
    icon: str
    actions: tuple[str, ...]
    also: str = ""


@dataclass(frozen=True)
class Section:
    label: str
    items: tuple[Item, ...]


SECTIONS = (
    Section(
        N_("Tổng quan"),
        (
            Item(N_("Việc cần làm"), "/console", "home", ("statistics.read",)),
            Item(N_("Số liệu"), "/console/reporting", "chart", ("statistics.read",)),
            Item(N_("Việc tôi đã làm"), "/console/reporting/acts/mine", "diary", ("own_act.read",)),
            Item(N_("Sổ kiểm toán"), "/console/reporting/audit", "ledger", ("audit.read",)),
        ),
    ),
    Section(
        N_("Đăng ký"),
        (
            # What is to be checked, published or mended: everybody has some.
            Item(
                N_("Việc chờ tôi"),
                "/console/registry/review",
                "inbox",
                (
                    *("product.check", "product.publish", "facility.check", "facility.publish"),
                    *("product.enter", "lot.enter", "lot.check"),
                ),
            ),
            Item(N_("Cơ sở"), "/console/registry/facilities", "factory", ("facility.read",)),
            Item(
                N_("Cơ sở chưa tham gia"),
                "/console/registry/known-facilities",
                "factory",
                ("known_facility.enter",),
            ),
            Item(N_("Sản phẩm"), "/console/registry/products", "box", ("product.read",)),
            Item(N_("Vùng trồng"), "/console/registry/growing-areas", "leaf", ("lot.read",)),
            Item(N_("Lô và nhật ký"), "/console/registry/lots", "diary", ("lot.read",)),
            Item(
                N_("Kiểm tra sự thật"),
                "/console/registry/findings",
                "check-circle",
                ("lot.check", "lot.override"),
            ),
            Item(
                N_("Lời nhắn"),
                "/console/registry/inquiries",
                "message",
                ("inquiry.read", "inquiry.moderate"),
            ),
            Item(N_("Hàng đang có"), "/console/registry/stock", "shop", ("lot.read",)),
            Item(N_("Chuyến hàng"), "/console/registry/shipments", "truck", ("lot.read",)),
            Item(N_("Nước nhập khẩu"), "/console/registry/markets", "flag", ("lot.read",)),
            Item(N_("Sự kiện truy xuất"), "/console/registry/events", "search", ("lot.read",)),
            Item(N_("Kiểm nghiệm"), "/console/registry/tests", "flask", ("lot.read",)),
            Item(
                N_("Thu mua, chế biến"),
                "/console/registry/transformations/new",
                "settings",
                ("lot.enter",),
            ),
            Item(
                N_("Sổ thu mua, chế biến"),
                "/console/registry/transformations",
                "file",
                ("lot.read",),
            ),
            Item(
                N_("Nhập hàng loạt"),
                "/console/registry/imports",
                "upload",
                ("import.enter", "facility.check", "facility.publish"),
            ),
            Item(N_("Lưu thông"), "/console/registry/circulation", "chart", ("circulation.read",)),
            Item(
                N_("Tin tức"),
                "/console/registry/news",
                "message",
                ("article.write", "article.publish"),
            ),
            Item(N_("Lộ trình"), "/console/registry/roadmap", "flag", ("product.read",)),
            Item(N_("Chất lượng"), "/console/registry/quality", "chart", ("facility.read",)),
            Item(
                N_("Danh mục"),
                "/console/registry/catalogues",
                "settings",
                ("catalogue.propose", "catalogue.approve"),
            ),
        ),
    ),
    Section(
        N_("Tem và an toàn"),
        (
            Item(N_("Tem"), "/console/stamps", "qr", ("stamps.read",)),
            Item(N_("Lượt quét"), "/console/scan/figures", "chart", ("circulation.read",)),
            Item(N_("Nghi vấn sao chép"), "/console/scan", "search", ("suspicion.read",)),
            Item(
                N_("Kiểm tra, vi phạm"),
                "/console/registry/inspections",
                "check-circle",
                ("inspection.record", "inspection.publish"),
            ),
            Item(
                N_("Kiểm tra khi không có mạng"),
                "/kiem-tra-ngoai-tuyen",
                "search",
                ("inspection.record",),
            ),
        ),
    ),
    Section(
        N_("Thu hồi và cảnh báo"),
        (
            Item(N_("Các vụ việc"), "/console/recall", "recall", ("recall.read",)),
            Item(N_("Thời hạn"), "/console/recall/deadlines", "clock", ("recall.read",)),
            Item(N_("Diễn tập thu hồi"), "/console/recall/drills", "clock", ("recall.read",)),
            Item(
                N_("Phản ánh"),
                "/console/recall/complaints",
                "flag",
                ("complaint.read",),
                # Where they are entered, and what only scan keeps of them.
                also="/console/scan/complaints",
            ),
            Item(N_("Cảnh báo sớm"), "/console/recall/signals", "alert", ("signal.read",)),
            Item(N_("Nghi ngờ"), "/console/recall/suspicions", "shield", ("hazard.read",)),
            Item(N_("Báo cáo vi phạm"), "/console/recall/violations", "file", ("violation.read",)),
            Item(N_("Tìm nguồn chung"), "/console/recall/sources", "share", ("recall.preview",)),
            Item(
                N_("Danh sách vật tư đã dùng"),
                "/console/recall/inputs",
                "flask",
                ("recall.preview",),
            ),
            Item(
                N_("Tin báo thu hồi"),
                "/console/recall/deliveries",
                "message",
                ("recall_message.read",),
            ),
            Item(
                N_("Nơi nhận tin thu hồi"), "/console/recall/contacts", "mail", ("recall.contacts",)
            ),
            Item(N_("Bảng lý do"), "/console/recall/reasons", "ledger", ("recall.read",)),
        ),
    ),
    Section(
        N_("Quản trị"),
        (
            Item(N_("Tài khoản"), "/console/identity/accounts", "users", ("account.read",)),
            Item(N_("Việc của các tài khoản"), "/console/reporting/acts", "search", ("act.read",)),
            Item(
                N_("Đăng ký tài khoản"),
                "/console/identity/applications",
                "inbox",
                ("application.read",),
            ),
            Item(N_("Phần mềm kết nối"), "/console/identity/clients", "link", ("client.manage",)),
            Item(N_("Đơn vị"), "/console/identity/units", "unit", ("unit.edit",)),
        ),
    ),
)


def menu(principal: Principal) -> list[Section]:
    """The sections with at least one link this person may use."""
    found = []
    for section in SECTIONS:
        items = tuple(item for item in section.items if any(map(principal.may, item.actions)))
        if items:
            found.append(Section(section.label, items))
    return found


def current(path: str, sections: list[Section]) -> str:
    """The href of the link that `path` lies under: the longest one that fits."""
    items = [item for section in sections for item in section.items]
    under = [(item.href, item.href) for item in items]
    under += [(item.also, item.href) for item in items if item.also]
    # Everything lies under /console, so that one is current only when it is the page itself.
    fitting = [
        one
        for one in under
        if path == one[0] or (one[0] != "/console" and path.startswith(f"{one[0]}/"))
    ]
    return max(fitting, key=lambda one: len(one[0]), default=("", ""))[1]
