"""What Sphinx writes and WCAG does not allow, put right page by page.

Sphinx writes the parameters of a long signature as definitions of nothing, entries of the
bibliography in a role that is no longer used, and headings without words. A wide formula or
piece of code gets what a keyboard and a screen reader need to scroll it.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

NAMED = 'tabindex="0" role="group" aria-label='
MENDED = (
    (r'<dl>\n((?:<dd><em class="sig-param">.*?</dd>\n?)+)</dl>', r'<span class="given">\1</span>'),
    (r'<dd>(<em class="sig-param">.*?)</dd>', r"<span>\1</span>"),
    (r'(<div class="citation" id="[^"]*") role="doc-biblioentry"', r'\1 role="listitem"'),
    (r'<th class="head[^>]*><p></p></th>', "<td></td>"),
    (r'<div class="formula">', f'<div class="formula" {NAMED}"Formula">'),
    (r'<div class="highlight"><pre>', f'<div class="highlight"><pre {NAMED}"Code">'),
)
"""What is looked for, and what takes its place."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Mend each page before it is put into the theme."""
    app.connect("html-page-context", _mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _mend(app: Sphinx, name: str, template: str, context: dict[str, Any], *_: object) -> None:
    body = context.get("body")
    if body:
        for wrong, right in MENDED:
            body = re.sub(wrong, right, body, flags=re.DOTALL)
        context["body"] = body
