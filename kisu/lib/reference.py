"""Reading reference CSV files: versioned facts beside the code that staff can replace from a newer file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path


class ReferenceFileError(Exception):
    """A reference file that can't be read; the text names file, row and column."""


def read_rows(path: Path, *, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Rows of a UTF-8 CSV with a header. Raises ReferenceFileError when the file or one of the columns is missing."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = set(columns) - set(reader.fieldnames or ())
            if missing:
                raise ReferenceFileError(f"{path.name}: column {', '.join(sorted(missing))} is missing")
            for number, row in enumerate(reader, start=2):
                if None in row or None in row.values():
                    raise ReferenceFileError(f"{path.name}: row {number} has another number of cells than the header")
                yield {key: value.strip() for key, value in row.items()}
    except FileNotFoundError as error:
        raise ReferenceFileError(f"{path}: no such file") from error
    except UnicodeDecodeError as error:
        raise ReferenceFileError(f"{path.name}: not UTF-8") from error
