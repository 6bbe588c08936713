"""Every page: it asks nobody, complains of nothing, leads somewhere, and fits on a telephone."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page

from .conftest import Pages

pytestmark = pytest.mark.slow

HREFS = "[...document.querySelectorAll('a[href]')].map((link) => link.href)"
IDS = "[...document.querySelectorAll('[id]')].map((each) => each.id)"


def watched(page: Page, address: str) -> list[str]:
    """Note what a page asks of others, what it does not get, and what it complains of."""
    heard: list[str] = []
    parts = urlsplit(address)
    own = f"{parts.scheme}://{parts.netloc}"

    def asked(url: str) -> None:
        if not url.startswith((own, "data:")):
            heard.append(f"asks for {url}")

    page.on("request", lambda request: asked(request.url))
    page.on("requestfailed", lambda request: heard.append(f"does not get {request.url}"))
    page.on("pageerror", lambda error: heard.append(f"fails: {error}"))
    page.on(
        "console",
        lambda said: (
            heard.append(f"{said.type}: {said.text}")
            if not said.text.startswith("[PST]")  # the theme of the documentation tells its colours
            and not said.location["url"].endswith(
                "/favicon.ico"
            )  # which a browser asks a server for
            else None
        ),
    )
    return heard


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(browser: Browser, pages: Pages) -> None:
    with browser.new_page() as page:
        heard = watched(page, pages.address)
        for path in pages.paths():
            page.goto(pages.href(path))
            page.mouse.wheel(0, 4000)
        assert heard == []


def test_links_lead_to_what_they_name(browser: Browser, pages: Pages) -> None:
    linked: set[tuple[str, str]] = set()
    anchors: dict[str, set[str]] = {}
    with browser.new_page() as page:
        for path in pages.paths():
            page.goto(pages.href(path))
            anchors[pages.href(path)] = set(page.evaluate(IDS))
            linked |= {(pages.href(path), href) for href in page.evaluate(HREFS)}
    own = [(where, *urldefrag(href)) for where, href in linked if _is_own(href, pages)]
    assert own
    lost = [
        (where, href, place)
        for where, href, place in own
        if not _is_there(href, pages)
        or (place and href in anchors and unquote(place) not in anchors[href])
    ]
    assert sorted(lost) == []


def _is_own(href: str, pages: Pages) -> bool:
    return urlsplit(href)[:2] == urlsplit(pages.address)[:2]


def _is_there(href: str, pages: Pages) -> bool:
    path = unquote(urlsplit(href).path)
    start = unquote(urlsplit(pages.address).path)
    return Path(f"{pages.folder}/{os.path.relpath(path, start)}").exists()


TOO_WIDE = """() => {
  const boxes = [...document.querySelectorAll('*')].filter((box) =>
    box.clientWidth && box.scrollWidth > box.clientWidth
    && ['auto', 'scroll'].includes(getComputedStyle(box).overflowX));
  return boxes.filter((box) => box !== document.scrollingElement
    && !(box.tabIndex >= 0 && (box.ariaLabel || box.querySelector('caption')))
    && !box.matches('.pst-scrollable-table-container')  // the theme of the documentation's
    && !box.querySelector('a, button, summary')).map((box) => box.outerHTML.slice(0, 160));
}"""


@pytest.mark.parametrize("width", [320, 768])
def test_nothing_is_wider_than_the_page(browser: Browser, pages: Pages, width: int) -> None:
    found = []
    with browser.new_page(viewport={"width": width, "height": 700}) as page:
        for path in pages.paths():
            page.goto(pages.href(path))
            page.evaluate(
                "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
            )
            across = page.evaluate("document.scrollingElement.scrollWidth")
            if across > width:
                found.append((path.name, across))
        assert found == []


def test_what_scrolls_is_reached_by_the_keyboard_and_named(browser: Browser, pages: Pages) -> None:
    found = []
    with browser.new_page(viewport={"width": 390, "height": 700}) as page:
        for path in pages.paths():
            page.goto(pages.href(path))
            found += [(path.name, box) for box in page.evaluate(TOO_WIDE)]
        assert found == []


def test_a_figure_keeps_its_size_and_a_white_ground(browser: Browser, site: Pages) -> None:
    with browser.new_page(viewport={"width": 390, "height": 700}, color_scheme="dark") as page:
        page.goto(site.at("3-targets.html"))
        shown = page.locator("figure img").all()
        assert len(shown) > 3
        for figure in shown:
            natural = float(figure.get_attribute("width") or 0)
            assert figure.evaluate("(it) => it.getBoundingClientRect().width") == natural > 390
            ground = figure.evaluate("(it) => getComputedStyle(it).backgroundColor")
            assert ground == "rgb(255, 255, 255)"


def test_a_row_becomes_a_block_on_a_telephone(browser: Browser, site: Pages) -> None:
    with browser.new_page(viewport={"width": 390, "height": 700}) as page:
        page.goto(site.at("1-descriptive.html"))
        cell = page.locator("table.result td[data-label='2018/19']").first
        said = cell.evaluate("(it) => getComputedStyle(it, '::before').content")
        assert "2018/19" in said or "attr(data-label)" in said
        assert cell.evaluate("(it) => getComputedStyle(it).display") == "block"


def test_every_page_has_its_contents_its_neighbours_and_its_language(
    browser: Browser, site: Pages
) -> None:
    with browser.new_page() as page:
        for path in site.paths():
            page.goto(site.href(path))
            assert page.locator("html").get_attribute("lang") == "en-GB"
            assert page.locator("footer a[rel]").count() in (1, 2), path.name
            if path.name not in ("references.html", "verify.html"):  # a list, and two sentences
                assert page.locator(".contents a").count() > 3, path.name
            headings = page.locator("main h2").count()
            assert page.locator("main h2 a.anchor").count() == headings, path.name


def figure_name(caption: Locator) -> str:
    """Give what a figure is called, by the file that its caption leads to."""
    return Path(caption.locator("a", has_text="SVG").get_attribute("href") or "").stem


def test_a_figure_stands_beside_its_table_its_code_and_its_method(
    browser: Browser, site: Pages
) -> None:
    kept: set[bool] = set()
    with browser.new_page() as page:
        for path in sorted(site.folder.glob("[0-9]*.html")):
            page.goto(site.href(path))
            figures = page.locator("figure").all()
            assert figures
            for n, figure in enumerate(figures, 1):
                caption = figure.locator("figcaption")
                assert f"Figure {n}." in (caption.text_content() or "")
                links = caption.locator("a").all_text_contents()
                assert "SVG" in links
                png = (site.folder / "../figures" / f"{figure_name(caption)}.png").is_file()
                assert ("PNG" in links) == png
                kept |= {png}
                assert any(link.startswith("CSV") for link in links)
                assert len(set(links)) == len(links)
                code = figure.locator("xpath=following::details[@class='code'][1]")
                assert f"Code of Figure {n}, cell" in (code.locator("summary").text_content() or "")
                assert ", line " in (code.text_content() or "")
    assert kept == {True, False}  # as PNG those of the summary alone
