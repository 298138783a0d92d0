"""What changes more than one row, or has an effect outside: keyword-only, `by` whom, atomic, audited."""


class WorkPackagesError(Exception):
    """What the trade forbids, in the reader's words: shown on the form that asked for it."""
