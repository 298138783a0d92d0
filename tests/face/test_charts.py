from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import plotly
import pytest
from django.conf import settings

from kisu.lib.charts import Chart, Series, map_levels


def chart(**fields: object) -> Chart:
    given: dict[str, object] = {
        "key": "synergies",
        "title": "Synergies grow",
        "subtitle": "Realised synergies, pcs",
        "label_name": "Quarter",
        "labels": ["I/2026", "II/2026"],
        "series": [Series("Actual", [Decimal("96.5"), None], "actual"), Series("Target", [100, 1104], "target")],
    }
    return Chart(**(given | fields))  # type: ignore[arg-type]


def test_picture_table_and_file_hold_the_same_figures() -> None:
    one = chart()
    assert one.spec["series"][0] == {"name": "Actual", "role": "actual", "values": [96.5, None]}
    assert one.header == ["Quarter", "Actual", "Target"]
    assert one.rows == [
        ("I/2026", [("Actual", "96.5"), ("Target", "100")]),
        ("II/2026", [("Actual", "–"), ("Target", "1,104")]),
    ]
    assert one.raw_rows == [["I/2026", Decimal("96.5"), 100], ["II/2026", None, 1104]]


def test_a_series_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="synergies"):
        chart(labels=["I/2026"])


def test_map_classes_hold_equal_numbers_and_equal_values_share_one() -> None:
    assert map_levels([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert map_levels([3, 3, None, 3]) == [5, 5, 0, 5]
    assert map_levels([None, None]) == [0, 0]
    assert map_levels([0, 0, 0, 8]) == [4, 4, 4, 5]


def test_the_style_that_plotly_would_write_is_still_the_one_we_keep_out() -> None:
    """charts.js puts an element of this id into the page first; a new plotly.js may have another."""
    script = (Path(settings.BASE_DIR) / "static/js/charts.js").read_text()
    found = re.search(r'MAP_STYLE = "(\w{64})"', script)
    assert found is not None
    library = Path(plotly.__file__).parent / "package_data/plotly.min.js"
    ids = set(re.findall(rb'getElementById\("(\w{64})"\)', library.read_bytes()))
    assert ids == {found[1].encode()}
