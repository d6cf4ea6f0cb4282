"""`python -m simsync`."""

from simsync.cli import entry

entry()
