"""`python -m simsync`."""

from simsync.cli import entry

if __name__ == "__main__":
    entry()
