"""Colours that documents share with figures, for which nothing that draws is imported."""

RATING = {"green": "#A6DBC9", "amber": "#F6C667", "red": "#E58A8A", "not rated": "#EDEDED"}
"""Backgrounds on which dark words stay legible; the word always stands beside the colour."""
