"""Laws are cited in the language of the page."""

import pytest

from services.recall.pages.citing import cited
from shared.web.i18n import catalogues, speak, stop_speaking

BASIS = "Thông tư 17/2021/TT-BNNPTNT, Điều 11–13; Thông tư 23/2018/TT-BYT"


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("vi", BASIS),
        ("en", "Circular 17/2021/TT-BNNPTNT, Art. 11–13; Circular 23/2018/TT-BYT"),
        ("zh", "第17/2021/TT-BNNPTNT号通知, 第11–13条; 第23/2018/TT-BYT号通知"),
    ],
)
def test_a_duty_names_what_it_rests_on(lang: str, told: str) -> None:
    speaking = speak(lang, catalogues("recall"))
    try:
        assert cited(BASIS) == told
    finally:
        stop_speaking(speaking)
