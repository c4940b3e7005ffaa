"""The scale beside a picture's bars."""

import re

import pytest

from shared.web.charts import bars


@pytest.mark.parametrize(("stacked", "top"), [(True, 5), (False, 3)])
def test_the_scale_reaches_as_high_as_the_bars_do(stacked: bool, top: int) -> None:
    chart = bars("Phản ánh", ["27/11"], {"Hỏng": [3], "Giả": [2]}, stacked=stacked)
    told = {int(text) for text in re.findall(r"<text[^>]*>(\d+)</text>", str(chart.svg))}
    assert max(told) == top
