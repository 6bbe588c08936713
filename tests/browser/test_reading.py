"""What a reader does with the pages: search, unfold, look up, take away, print."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from .conftest import Pages

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("sought", "heading", "place"),
    [
        ("activity by year", "Table 1. Activity by year", "1-descriptive.html#table-"),
        ("if everyone had answered", "If everyone had answered", "2-satisfaction.html#if-"),
        ("waits for first sessions", "From referral to the first session", "#from-referral"),
        ("kaplan", "Kaplan-Meier", "glossary.html#kaplan-meier"),
        ("WILSON", "Wilson", "#"),
    ],
)
def test_the_search_finds(
    browser: Browser, site: Pages, sought: str, heading: str, place: str
) -> None:
    with browser.new_page() as page:
        page.goto(site.at("references.html"))
        page.get_by_role("searchbox", name="Search").fill(sought)
        link = page.locator("#found a").filter(has_text=heading).first
        expect(link).to_be_visible()
        expect(page.get_by_role("status")).to_have_text(re.compile(r"^\d+ found$"))
        assert place in (link.get_attribute("href") or "")
        link.click()
        target = page.evaluate("decodeURIComponent(location.hash.slice(1))")
        expect(page.locator(f"[id='{target}']")).to_be_in_viewport()


def test_the_search_says_that_it_found_nothing_and_goes_by_itself(
    browser: Browser, site: Pages
) -> None:
    with browser.new_page() as page:
        page.goto(site.at("index.html"))
        search = page.get_by_role("searchbox", name="Search")
        search.fill("unicorns")
        expect(page.locator("#found")).to_have_text("Nothing found.")
        search.fill("interval")
        expect(page.locator("#found a").first).to_be_visible()
        search.press("Escape")
        expect(page.locator("#found")).to_be_hidden()
        search.fill("interval unicorns")
        expect(page.get_by_role("status")).to_have_text(re.compile(r"found, with 1 of 2 words$"))
        search.press("Escape")
        search.fill("intervals")
        expect(page.locator("#found")).to_be_visible()
        page.locator("main a").first.focus()
        expect(page.locator("#found")).to_be_hidden()


def test_one_switch_opens_all_code(browser: Browser, site: Pages) -> None:
    with browser.new_page() as page:
        page.goto(site.at("2-satisfaction.html"))
        code = page.locator("details.code")
        assert code.count() > 10
        assert page.locator("details.code[open]").count() == 0
        switch = page.get_by_role("button", name="Show all code")
        switch.click()
        assert page.locator("details.code[open]").count() == code.count()
        page.get_by_role("button", name="Hide all code", pressed=True).click()
        assert page.locator("details.code[open]").count() == 0


def test_a_link_to_a_folded_table_opens_it(browser: Browser, site: Pages) -> None:
    with browser.new_page() as page:
        page.goto(site.at("1-descriptive.html"))
        table = page.locator("details.long table").first
        place = table.get_attribute("id")
        expect(table).to_be_hidden()
        page.locator(f".contents a[href='#{place}']").click()
        expect(table).to_be_visible()
        expect(table).to_be_in_viewport()
        page.goto("about:blank")
        page.goto(f"{site.at('1-descriptive.html')}#{place}")
        expect(page.locator(f"#{place}")).to_be_in_viewport()


def test_a_definition_shows_on_hover_and_focus_and_escape_closes_it(
    browser: Browser, site: Pages
) -> None:
    with browser.new_page(viewport={"width": 320, "height": 700}) as page:
        page.goto(site.at("methods.html"))
        for term in page.locator(".term").all()[:25]:
            tip = term.get_by_role("tooltip", include_hidden=True)
            expect(tip).to_be_hidden()
            term.locator("a").focus()
            expect(tip).to_be_visible()
            assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
            assert term.locator("a").get_attribute("aria-describedby") == tip.get_attribute("id")
            page.keyboard.press("Escape")
            expect(tip).to_be_hidden()
            term.locator("a").blur()
        term = page.locator(".term").first
        term.hover()
        tip = term.get_by_role("tooltip")
        expect(tip).to_be_visible()
        tip.hover()
        expect(tip).to_be_visible()
        page.keyboard.press("Escape")
        expect(tip).to_be_hidden()


def test_what_is_linked_to_take_away_arrives(
    browser: Browser, site: Pages, served: str, tmp_path: Path
) -> None:
    site = Pages(site.folder, f"{served}/run/outputs/site")
    with browser.new_page(accept_downloads=True) as page:
        seen = set()
        for name in ("index.html", "1-descriptive.html"):
            page.goto(site.at(name))
            page.evaluate(
                "document.querySelectorAll('details').forEach((it) => { it.open = true; })"
            )
            hrefs = page.locator("main a[href^='../']").evaluate_all(
                "(links) => links.map((link) => link.getAttribute('href'))"
            )
            for href in {href.rpartition(".")[2]: href for href in hrefs}.values():
                seen.add(_arrives(page, site, href, tmp_path))
        assert seen == {"csv", "svg", "png", "ipynb", "pdf", "docx", "xlsx"}


def _arrives(page: Page, site: Pages, href: str, to: Path) -> str:
    """Follow a link to a file, and hold what arrives to it, byte for byte."""
    with page.expect_download() as download:
        page.locator(f"main a[href='{href}']").first.click()
    got = to / download.value.suggested_filename
    download.value.save_as(got)
    assert got.read_bytes() == (site.folder / href).read_bytes()
    return href.rpartition(".")[2]


def test_an_anchor_is_copied(browser: Browser, site: Pages) -> None:
    with browser.new_context() as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto(site.at("methods.html"))
        anchor = page.locator("h2 a.anchor").first
        anchor.click()
        expect(page.get_by_role("status")).to_have_text("Link copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.endswith(anchor.get_attribute("href") or "none")


CELLS = """() => {
  const folds = [...document.querySelectorAll('details:not([open])')];
  folds.forEach((fold) => { fold.open = true; });
  const cells = [...document.querySelectorAll('main th, main td, main caption')]
    .filter((cell) => !cell.closest('.repairs')).map((cell) => cell.innerText);
  folds.forEach((fold) => { fold.open = false; });
  return cells;
}"""
"""What tables say, folded or not; the repairs of a check are left out on paper."""


def test_paper_has_every_word_of_every_table_and_no_code(
    browser: Browser, pages: Pages, tmp_path: Path
) -> None:
    with browser.new_page(color_scheme="dark") as page:
        for path in pages.paths():
            if pages.folder.name == "html" and path.parent.name != "site":
                continue  # the theme of the documentation prints in its own way
            page.goto(pages.href(path))
            words = {_bare(word) for cell in page.evaluate(CELLS) for word in cell.split()}
            page.pdf(path=tmp_path / "page.pdf", format="A4")
            printed = "".join(
                _bare(each.extract_text()) for each in PdfReader(tmp_path / "page.pdf").pages
            )
            assert [word for word in words if word not in printed] == [], path.name
            assert "loadcounts" not in printed.replace("_", "") or path.stem in DESCRIBED, path.name


DESCRIBED = {"methods", "disclosure"}
"""Pages whose text names functions."""


def _bare(text: str) -> str:
    """Take out spaces and ligatures, which a printed page has where it pleases."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_no_table_is_cut_off_on_paper(browser: Browser, site: Pages) -> None:
    within = 686  # what an A4 sheet holds between the margins of the style sheet, in CSS pixels
    with browser.new_page(viewport={"width": within, "height": 1000}) as page:
        page.emulate_media(media="print")
        for path in site.paths():
            page.goto(site.href(path))
            rights = page.locator("table").evaluate_all(
                "(all) => all.map((table) => table.getBoundingClientRect().right)"
            )
            assert max(rights, default=0) <= within, path.name
