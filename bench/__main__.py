"""`make bench`: all measurements in one run, as ratios. Nothing here is a test; the machine decides the seconds."""

from __future__ import annotations

from bench import matching, pages

if __name__ == "__main__":
    pages.main()
    matching.main()
