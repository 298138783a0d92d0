from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client


@pytest.fixture
def client(client: Client) -> Any:
    """A reader of English: tests read the message ids in pages too."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client
