"""Facilities of the demo province that have applied for an account and wait for an answer."""

import io
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from deploy.demo.client import IDENTITY, Api
from deploy.demo.province import DemoProvince
from deploy.demo.state import DemoState
from shared.fonts import font_file

KIND = "applications"
# Invented people; tax numbers as in docs/demo-data.md: well-formed, never given out.
APPLICANTS: tuple[dict[str, Any], ...] = (
    {
        "facility_name": "Hợp tác xã Ổi lê Bình Dương",
        "tax_number": "5799990005",
        "address": "Khu Bình Lục Thượng",
        "commune": "07090",
        "kinds": ["grower", "packing"],
        "representative": "Đoàn Văn Lực",
        "position": "Giám đốc",
        "phone": "0203 000 9101",
        "note": "Hợp tác xã có 14 hộ trồng, đã có giấy chứng nhận VietGAP.",
    },
    {
        "facility_name": "Hộ kinh doanh Trứng vịt biển Bà Lụa",
        "tax_number": "",
        "address": "Thôn Đồng Đình",
        "commune": "06862",
        "kinds": ["livestock", "shop"],
        "representative": "Tô Thị Lụa",
        "position": "Chủ hộ",
        "phone": "0203 000 9102",
        "note": "",
    },
    {
        "facility_name": "Công ty TNHH Nấm sạch Yên Đức",
        "tax_number": "5799990012",
        "address": "Khu Yên Khánh",
        "commune": "07090",
        "kinds": ["grower", "pre_processing"],
        "representative": "Nghiêm Thị Hợp",
        "position": "Phó giám đốc",
        "phone": "0203 000 9103",
        "note": "Xin cấp sớm để kịp vụ Tết.",
    },
)
ASKED = "Ảnh giấy chứng nhận an toàn thực phẩm bị mờ số và ngày cấp; hãy chụp lại và gửi thêm."


async def apply(api: Api, state: DemoState, province: DemoProvince, password: str) -> None:
    """Hand in those that are not there yet; one encloses a paper, one is asked for more."""
    communes = {code for one in province.units for code in one.communes}
    for number, told in enumerate(APPLICANTS):
        name = str(told["facility_name"])
        if told["commune"] not in communes or state.id_of(KIND, name) is not None:
            continue
        wanted = {"wish": "new", "sector": "agriculture", "consent": True, **told}
        handed = await api.call("POST", f"{IDENTITY}/applications", json=wanted)
        tracked = f"{IDENTITY}/applications/tracked/{handed['tracking_code']}"
        if number != 1:
            file = {"file": ("giay.jpg", paper(name))}
            await api.call("POST", f"{tracked}/papers", data={"shows": "food_safety"}, files=file)
        state.done(KIND, name, handed["tracking_code"])
    await _ask(api, password, str(APPLICANTS[-1]["facility_name"]))


async def _ask(api: Api, password: str, name: str) -> None:
    officer = api.account("phuong-an-sinh.hethong", password)
    found = (await officer.get(f"{IDENTITY}/applications"))["items"]
    for one in found:
        if one["submissions"][-1]["facility_name"] == name:
            await officer.post(f"{IDENTITY}/applications/{one['id']}/ask", {"what": ASKED})


def paper(name: str) -> bytes:
    """A photo of a certificate, plainly an illustration."""
    sheet = Image.new("RGB", (900, 640), "#fbf8ef")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((20, 20, 880, 620), outline="#8a6d3b", width=4)
    lines = (
        ("ẢNH MINH HỌA", 30, 60),
        ("GIẤY CHỨNG NHẬN CƠ SỞ ĐỦ ĐIỀU KIỆN", 34, 170),
        ("AN TOÀN THỰC PHẨM", 34, 225),
        (name, 28, 330),
        ("Số: 000/DEMO", 24, 420),
    )
    for text, size, top in lines:
        font = ImageFont.truetype(str(font_file("Regular")), size)
        draw.text((450, top), text, fill="#3d3220", font=font, anchor="ma")
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=80)
    return out.getvalue()
