"""How the website is built: `make docs`. Nothing is fetched, neither here nor by a reader."""

from __future__ import annotations

import sys
from pathlib import Path
from types import GenericAlias

import pandas as pd

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

from lmm import __version__  # noqa: E402
from lmm.showing.labels import mark  # noqa: E402
from lmm.study.study import read_study  # noqa: E402

study = read_study(HERE.parent)

project = study.service
author = "the authors of the compendium"
project_copyright = "text and figures CC BY 4.0, code MIT, synthetic records CC0"
release = __version__
language = "en_GB"
smartquotes = False  # `--help` in a table of measurements is no dash

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinxcontrib.bibtex",
    "accessible",
    "mathml",
    "results",
    "stages",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
# The data contract is written by the code, and goes from its title straight to its tables.
suppress_warnings = ["myst.header"]

# The pages of the library: `name` in a docstring leads to what is called so, if it is there.
default_role = "py:obj"
pd.Series.__class_getitem__ = classmethod(GenericAlias)  # so that pd.Series[str] can be looked up
autosummary_generate = False
html_domain_indices = False  # the pages of the stages list the modules already
add_module_names = False
autodoc_member_order = "bysource"
autodoc_default_options = {"exclude-members": "model_config"}
python_use_unqualified_type_names = True
maximum_signature_line_length = 90
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year"

html_theme = "pydata_sphinx_theme"
html_title = f"{study.service}: a reproducible evaluation"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sourcelink = False
html_sidebars = {"**": []}
html_context = {"default_mode": "auto", "records_mark": mark(study)}
html_theme_options = {
    "announcement": mark(study),
    "logo": {"text": study.service},
    "navbar_start": ["navbar-logo", "results-link"],
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-field"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "search_bar_text": "Search",
    "show_prev_next": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
