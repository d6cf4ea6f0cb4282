"""Make the documentation a site: `python docs/website/build.py` (or `make site`), and open `site/index.html`.

Beside the pages of the repository it has the page to act in and the rulebook (`simsync rulebook --play`).
Nothing in it comes from elsewhere: it needs no network, and no server.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sphinx.cmd.build import build_main

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MADE = "searchindex.js"
"""What tells a site that was made from a folder of somebody's."""


def build(folder: Path) -> int:
    """Make the site in a folder, in place of the one that is there; gives an exit code, 0 where nothing is amiss."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MADE).exists():
        sys.stderr.write(f"{folder}: this is not a site that was made here, and is left as it is\n")
        return 2
    with TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.absolute().parent) as name:
        made = Path(name, "site")
        options = ["-q", "-W", "--keep-going", "-E", "-c", str(HERE), "-d", str(Path(name, "known"))]
        pages = ("--out", str(made / "rulebook.html"), "--play", str(made / "play.html"))
        if code := build_main([*options, str(ROOT), str(made)]):
            return code
        rulebook = [sys.executable, "-m", "simsync", "rulebook", *pages]
        if code := subprocess.run(rulebook, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode:
            return code
        if folder.exists():
            os.replace(folder, Path(name, "before"))
        os.replace(made, folder)
    sys.stdout.write(f"{folder / 'index.html'}: open it in a browser\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(build(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "site")))
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}; no site was made")
