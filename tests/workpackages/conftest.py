from __future__ import annotations

import pytest
from django.test import Client

from workpackages import plan_file
from workpackages.plan_file import Plan
from workpackages.services.plan import load_plan


@pytest.fixture(scope="session")
def the_plan() -> Plan:
    return plan_file.load()


@pytest.fixture
def loaded(the_plan: Plan, db: None) -> Plan:
    """The plan in the database."""
    load_plan(plan=the_plan)
    return the_plan


@pytest.fixture
def client() -> Client:
    """A reader of English, so that tests of texts hold whatever the catalogues say."""
    client = Client()
    client.cookies["kisu_language"] = "en"
    return client
