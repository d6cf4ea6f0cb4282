"""Plots for the docs: the same bytes for the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def plotted(path: Path, size: tuple[float, float], draw: Callable[[Any], None]) -> None:
    """Write what is drawn on the axes as SVG, with a grid, and the legend beside it."""
    import matplotlib as mpl  # late: children of a large process look large
    from matplotlib import pyplot

    mpl.rcParams.update({"svg.hashsalt": "simsync", "font.family": "sans-serif", "font.size": 10})
    figure, axes = pyplot.subplots(figsize=size)
    draw(axes)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
