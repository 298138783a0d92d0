"""tools/setup.py runs before anything is installed, on whatever Python there is."""

from __future__ import annotations

import ast
from pathlib import Path

SETUP = Path(__file__).resolve().parents[2] / "tools" / "setup.py"


def test_an_old_python_can_read_it_far_enough_to_say_that_it_is_too_old() -> None:
    tree = ast.parse(SETUP.read_text(), feature_version=(3, 6))
    first = [node for node in tree.body if not isinstance(node, ast.Import)][1]
    assert isinstance(first, ast.If)
    assert ast.unparse(first.test) == "sys.version_info < (3, 11)"
    assert not any(isinstance(node, ast.NamedExpr) for node in ast.walk(tree))
