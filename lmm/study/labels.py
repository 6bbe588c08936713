"""Accepted labels and their spellings: when two texts are the same."""

from __future__ import annotations

RESERVED = {"not recorded", "all", "whole period"}
"""Rows of tables that are no label, so that no label may be called so."""


def fold(text: str) -> str:
    """Fold case and runs of white space, the differences that never distinguish labels."""
    return " ".join(text.split()).casefold()


def unambiguous(where: str, labels: dict[str, tuple[str, ...]]) -> None:
    """Raise if one spelling stands for two labels."""
    owner: dict[str, str] = {}
    for label, variants in labels.items():
        for spelling in (label, *variants):
            if owner.setdefault(fold(spelling), label) != label:
                raise ValueError(
                    f"{where}: {spelling!r} stands for both {owner[fold(spelling)]!r} and {label!r}"
                )
