"""Every page without a mouse: the Tab key goes through all of it, and where it is can be seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from .conftest import Pages

pytestmark = pytest.mark.slow

STOPS = """() => {
  const can = 'a[href], button, input, summary, [tabindex="0"]';
  window.stops = [...document.querySelectorAll(can)].filter((each) =>
    each.tabIndex >= 0 && each.checkVisibility({visibilityProperty: true}));
  return window.stops.length;
}"""
HERE = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
  const mark = document.querySelector('.mark, .bd-header-announcement');
  const covered = mark && !at.matches('.skip, .skip-link, #pst-skip-link a')
    ? mark.getBoundingClientRect().bottom : 0;
  const lines = [...at.getClientRects()];
  return {
    number: window.stops.indexOf(at), what: at.outerHTML.slice(0, 120),
    nowhere: at === document.body,
    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
      || style.boxShadow !== 'none',
    inView: lines.some((line) => line.bottom > covered + 4 && line.top < innerHeight
      && line.right > 0 && line.left < innerWidth) || box.height === 0,
  };
}"""


AT_ONCE = "* { transition: none !important; scroll-behavior: auto !important; }"


def walk(page: Page) -> tuple[list[int], list[str]]:
    """Press Tab until the page is left; give the stops in order, and what is wrong on the way."""
    expected = page.evaluate(STOPS)
    passed: list[int] = []
    wrong: list[str] = []
    while True:
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here["nowhere"] or here["number"] in passed:
            break
        passed.append(here["number"])
        if not here["seen"]:
            wrong.append(f"focus cannot be seen: {here['what']}")
        if not here["inView"]:
            wrong.append(f"focus is out of view: {here['what']}")
    if passed != list(range(expected)):
        missed = sorted(set(range(expected)) - set(passed))[:3]
        wrong.append(f"{len(passed)} of {expected} stops, then {here['what']}; missed {missed}")
    return passed, wrong


def test_the_keyboard_goes_through_every_page(browser: Browser, pages: Pages) -> None:
    found = []
    with browser.new_page(viewport={"width": 1000, "height": 700}) as page:
        for path in pages.paths():
            page.goto(pages.href(path))
            page.add_style_tag(content=AT_ONCE)
            passed, wrong = walk(page)
            assert passed or path.parent.name == "checks", path
            found += [(path.name, each) for each in wrong]
        assert found == []


def test_the_first_stop_skips_to_the_text(browser: Browser, pages: Pages) -> None:
    with browser.new_page() as page:
        for path in pages.paths():
            page.goto(pages.href(path))
            page.keyboard.press("Tab")
            assert "skip" in page.evaluate("document.activeElement.textContent").lower(), path.name
            assert page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
            page.keyboard.press("Enter")
            target = page.evaluate("location.hash.slice(1)")
            assert page.locator(f"main#{target}, main #{target}").count() == 1, path.name


def test_what_is_folded_is_opened_and_closed_by_the_keyboard(browser: Browser, site: Pages) -> None:
    with browser.new_page() as page:
        page.goto(site.at("1-descriptive.html"))
        for kind in ("long", "code", "contents"):
            fold = page.locator(f"details.{kind}").first
            before = fold.get_attribute("open")
            for key in ("Enter", "Space"):
                fold.locator("summary").focus()
                page.keyboard.press(key)
                assert (fold.get_attribute("open") is None) != (before is None), (kind, key)
                before = fold.get_attribute("open")


def test_a_box_that_does_not_scroll_is_no_stop(browser: Browser, site: Pages) -> None:
    with browser.new_page(viewport={"width": 1280, "height": 800}) as page:
        page.goto(site.at("1-descriptive.html"))
        figure = page.locator("figure .scroll").first
        assert figure.get_attribute("tabindex") == "-1"
        page.set_viewport_size({"width": 390, "height": 800})
        page.wait_for_function("document.querySelector('figure .scroll').tabIndex === 0")
        figure.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('figure .scroll').scrollLeft > 0")
