"""Jobs: what runs outside a request. An app's `tasks.py` registers them; members.services.jobs keeps and runs them.

A job function gets a Run and calls one service. It must be safe to run again: it selects what is due and not done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.utils.functional import Promise

from kisu.lib.registry import Registry


class Progress(Protocol):
    """Called as often as one likes; written to the row at most once a second."""

    def __call__(self, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Run:
    """What a job function gets: the day it runs for (Helsinki), its arguments, and how to tell how far it is."""

    on: date
    arguments: dict[str, Any]
    progress: Progress


@dataclass(frozen=True, slots=True)
class Job:
    """`what` says in one sentence what a run does. When it runs stands in the beat schedule of kisu/celery.py.

    `figures` names the keys of the result for its reader; a key that is a model's label is named after the model.
    """

    name: str
    title: str | Promise
    what: str | Promise
    function: Callable[[Run], dict[str, Any]]
    figures: Mapping[str, str | Promise] = field(default_factory=dict)


jobs: Registry[Job] = Registry("tasks")


def job_title(name: str) -> str:
    """In the reader's language; the name when this version does not know the job."""
    job = jobs.get(name)
    return str(job.title) if job else name


def job(
    name: str, *, title: str | Promise, what: str | Promise, figures: Mapping[str, str | Promise] | None = None
) -> Callable[[Callable[[Run], dict[str, Any]]], Callable[[Run], dict[str, Any]]]:
    """Registers a job. The function returns a small JSON-able dict of figures, shown to staff on the run's page."""

    def register(function: Callable[[Run], dict[str, Any]]) -> Callable[[Run], dict[str, Any]]:
        jobs.add(name, Job(name=name, title=title, what=what, function=function, figures=figures or {}))
        return function

    return register
