"""Plain typed functions that make rows for tests. Everything has a sane default; a test names what it is about."""
