"""The sheet for whoever knows the product, as one HTML page: it needs no network, prints, and is saved filled in."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from simsync.questions.readings.vendor_markdown import STAMP
from simsync.questions.readings.vendor_sheet import OTHERWISE, TITLE, VendorSheet
from simsync.report import phrases


def as_page(sheet: VendorSheet) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader("simsync.questions.readings", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: phrases.printable_line(value) if isinstance(value, str) else value,
    )
    first, *who = sheet.intro
    template = environment.get_template("vendor_page.html")
    return template.render(title=TITLE, intro=first, who=who, sheet=sheet, stamp=STAMP, otherwise=OTHERWISE) + "\n"
