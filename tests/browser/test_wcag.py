"""WCAG 2.2 AA and good practice, by the rules of axe: every page, wide, narrow, light, dark."""

from __future__ import annotations

from importlib.resources import files
from typing import Literal

import pytest
from playwright.sync_api import Browser

from .conftest import Pages

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
LOOK = "(tags) => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_is_violated(
    browser: Browser, pages: Pages, width: int, scheme: Literal["light", "dark"]
) -> None:
    size = {"width": width, "height": 900}
    with browser.new_page(viewport=size, color_scheme=scheme) as page:  # type: ignore[arg-type]
        found = []
        for path in pages.paths():
            page.goto(pages.href(path))
            page.evaluate(UNFOLD)
            page.evaluate(AXE)
            told = page.evaluate(LOOK, TAGS)
            assert told["testEngine"]["name"] == "axe-core"
            found += [
                f"{path.name}: {rule['id']}: {node['html'][:200]}"
                for rule in told["violations"]
                for node in rule["nodes"]
            ]
        assert found == []


def test_the_rules_bite(browser: Browser) -> None:
    with browser.new_page() as page:
        page.set_content("<p style='color: #aaa'>pale</p><img src='data:,'>")
        page.evaluate(AXE)
        told = page.evaluate(LOOK, TAGS)
        assert {"color-contrast", "image-alt", "html-has-lang"} <= {
            rule["id"] for rule in told["violations"]
        }
