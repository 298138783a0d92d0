from __future__ import annotations

import pytest
from django.test import Client


@pytest.fixture
def client() -> Client:
    """A visitor who reads English, so that tests of texts hold whatever the catalogues say."""
    client = Client()
    client.cookies["kisu_language"] = "en"
    return client
