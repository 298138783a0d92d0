"""Every job says what came of it in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.apps import apps

from kisu.lib.jobs import Run, jobs

pytestmark = pytest.mark.django_db

ARGUMENTS: dict[str, dict[str, Any]] = {"symbiosis.match_listing": {"listing": 0}}


@pytest.mark.parametrize("name", jobs.keys())
def test_every_figure_of_a_result_has_its_name(name: str) -> None:
    job = jobs[name]
    result = job.function(
        Run(on=date(2026, 11, 24), arguments=ARGUMENTS.get(name, {}), progress=lambda done, total: None)
    )
    models = {model._meta.label for model in apps.get_models()}
    assert result.keys() - job.figures.keys() - models == set()
    assert all(str(label) for label in job.figures.values())
