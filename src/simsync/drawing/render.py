"""Texts to pictures: DOT by graphviz with the `dot` on PATH or that of graphviz-pure, SVG to PNG by resvg."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from simsync.drawing import letters
from simsync.errors import Code, Diagnostic, SimsyncError
from simsync.extras import lacking
from simsync.workers.workers import cores, in_order, in_threads

FORMS = ("svg", "png")
_CLUSTER = re.compile(rb'((?:<!-- [^\n]* -->\n)?<g id="(clust\d+)" class="cluster">.*?</g>\n)', re.S)
_TEXT = re.compile(r'<text (?P<looks>[^>]*font-size="(?P<size>[\d.]+)"[^>]*)>(?P<said>[^<]*)</text>')
_ONE_FONT = re.compile(rb'font-family="([\w ]+)"')
ZOOM, LARGEST = 2, 60e6
LAYOUT = "dot"
LONGEST = 60.0
"""Seconds that a picture may take."""


class RenderError(SimsyncError):
    """The renderer complained, or drew less than there is; the message is a sentence."""

    def __init__(self, message: str) -> None:
        super().__init__([Diagnostic(file="renderer", line=0, col=0, code=Code.RENDERER, message=message)])


@dataclass(frozen=True, slots=True)
class Job:
    """DOT to be rendered, and how many edges a picture of it must have."""

    name: str
    dot: str
    edges: int


def renderer() -> str | None:
    """The command that renders DOT, or None where there is none."""
    beside = Path(sys.executable).parent
    return shutil.which("dot") or shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=os.fspath(beside))


def rendered(command: str, jobs: Sequence[Job], forms: Sequence[str] = FORMS) -> list[dict[str, bytes]]:
    """Each job as pictures by form (``svg``, ``png``), as many at once as there are cores.

    Raises :class:`RenderError` where the renderer fails, complains, takes too long, or (in SVG, where it can be
    counted) leaves out an edge: it may do so and still write a picture.
    """
    with in_threads([command] * cores()) as doing:
        drawn = in_order(doing, _picture, [(job, form) for job in jobs for form in forms])
        return [{form: next(drawn) for form in forms} for _ in jobs]


def _picture(command: str, what: tuple[Job, str]) -> bytes:
    from graphviz.backend.execute import CalledProcessError, ExecutableNotFound, run_check

    job, form = what
    words = [command, f"-K{LAYOUT}", f"-T{form}"]
    try:
        done = run_check(words, input=job.dot.encode(), capture_output=True, quiet=True, timeout=LONGEST)
    except subprocess.TimeoutExpired as error:
        raise RenderError(f"{command} is not done with {job.name} after {LONGEST:g} seconds") from error
    except CalledProcessError as error:
        said = _complaint(error.stderr) or f"exit status {error.returncode}"
        raise RenderError(f"{command} failed: {said}") from error
    except (OSError, ExecutableNotFound) as error:
        raise RenderError(f"{command} could not be run: {error}") from error
    if "rror" in (complaint := _complaint(done.stderr)):
        raise RenderError(f"{command} failed: {complaint}")
    return _whole(command, job, form, done.stdout)


def _complaint(said: bytes) -> str:
    return " ".join(said[:2000].decode("utf-8", "replace").split())


def _whole(command: str, job: Job, form: str, picture: bytes) -> bytes:
    """A picture that has all that it must have."""
    if not picture:
        raise RenderError(f"{command} wrote no {form} of {job.name}")
    if form != "svg":
        return picture
    drawn = picture.count(b'class="edge"')
    if drawn != job.edges:
        raise RenderError(f"{command} drew {drawn} of {job.edges} edges of {job.name}")
    return _stable(picture)


def _stable(svg: bytes) -> bytes:
    """The picture with its clusters in order, with fonts that every system has one of, and texts as wide as measured.

    Some versions of `dot` write clusters in another order every time, and all name one font only.
    """
    svg = _ONE_FONT.sub(rb'font-family="\1, Helvetica, Liberation Sans, sans-serif"', svg)
    svg = _TEXT.sub(_fixed, svg.decode()).encode()
    found = _CLUSTER.findall(svg)
    in_order = iter(sorted(found, key=lambda cluster: (len(cluster[1]), cluster[1])))
    return _CLUSTER.sub(lambda _: next(in_order)[0], svg)


def _fixed(text: re.Match[str]) -> str:
    """A text that is as wide in any font as the renderer took it to be."""
    bold = 'font-weight="bold"' in text["looks"]
    width = letters.fixed(html.unescape(text["said"]), float(text["size"]), bold=bold)
    return f"<text {text['looks']}{width}>{text['said']}</text>"


def stamped(png: bytes, digest: str) -> bytes:
    """A PNG with the digest of what it was drawn from among its texts."""
    chunk = b"tEXt" + f"simsync\0{digest}".encode()
    header = 33  # the signature and the first chunk, which says how large the picture is
    length, check = (len(chunk) - 4).to_bytes(4, "big"), zlib.crc32(chunk).to_bytes(4, "big")
    return png[:header] + length + chunk + check + png[header:]


def no_png(what: str) -> str:
    """Why :func:`rasterized` gave nothing."""
    if all(map(find_spec, ("resvg_py", "font_roboto"))):
        return f"{what} as PNG would be too large, unlike SVG"
    return lacking(f"{what} as PNG, unlike SVG,", "render")


def rasterized(svg: str, area: float) -> bytes | None:
    """An SVG of ours as PNG, at twice its size for sharp text.

    None where the packages for it are not installed, or its ``area`` in pixels is too large even at half its size.
    """
    zoom = min(ZOOM, (LARGEST / max(area, 1)) ** 0.5)
    if zoom < 0.5:
        return None
    try:
        import resvg_py
        from font_roboto import font_files
    except ImportError:
        return None
    faces = [font_files[face] for face in ("Roboto", "RobotoBold")]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=zoom, font_files=faces, font_family="Roboto", sans_serif_family="Roboto"
        )
    )
