"""The words of HTML: its text, and the attributes that are words for a reader."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from html.parser import HTMLParser


@dataclass(frozen=True)
class Words:
    """Words of HTML: the line on which they begin, and the attribute that they are; "" of text."""

    line: int
    attribute: str
    text: str


class _Reader(HTMLParser):
    def __init__(self, attributes: Collection[str]) -> None:
        super().__init__()
        self.found: list[Words] = []
        self._attributes = attributes
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag if tag in ("script", "style") else self._silent
        for name, value in attrs:
            if name in self._attributes:
                self._take(name, value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent = "" if tag == self._silent else self._silent

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._take("", data)

    def _take(self, attribute: str, words: str) -> None:
        if words.strip():
            self.found.append(Words(self.getpos()[0], attribute, words))


def words_of(html: str, attributes: Collection[str]) -> list[Words]:
    """Give the words of HTML in order, without scripts and styles."""
    reading = _Reader(attributes)
    reading.feed(html)
    reading.close()
    return reading.found
