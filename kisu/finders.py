"""plotly.js out of the plotly package, so that the chart code and the figures are of one version and no CDN is asked."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage


class PlotlyFinder(FileSystemFinder):
    """Serves `plotly/plotly.min.js` and nothing else of the package."""

    def __init__(self, app_names: list[str] | None = None) -> None:
        spec = find_spec("plotly")
        assert spec is not None  # noqa: S101  a pinned dependency
        assert spec.origin is not None  # noqa: S101
        location = str(Path(spec.origin).parent / "package_data")
        storage = FileSystemStorage(location=location)
        storage.prefix = "plotly"  # type: ignore[attr-defined]
        self.locations = [("plotly", location)]
        self.storages = {location: storage}

    def check(self, **kwargs: object) -> list[object]:  # type: ignore[override]
        return []

    def list(self, ignore_patterns: list[str] | None) -> object:  # type: ignore[override]
        for storage in self.storages.values():
            yield "plotly.min.js", storage
