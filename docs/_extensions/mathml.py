"""Formulas as MathML, made when the site is built: a browser needs no script for them.

It needs a font with tall brackets, which many computers lack. STIX Two Math (SIL Open Font
Licence) comes with the package ziamath, and is copied beside the style sheet.
"""

from __future__ import annotations

from importlib.resources import files

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.writers.html5 import HTML5Translator


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("config-inited", _bring_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _bring_font(app: Sphinx, config: Config) -> None:
    config.html_static_path.append(str(files("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"))


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(convert(node.astext(), display="inline"))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.math_block) -> None:
    formula = convert(node.astext(), display="block")
    translator.body.append(f'<div class="formula">{formula}</div>\n')
    raise nodes.SkipNode
