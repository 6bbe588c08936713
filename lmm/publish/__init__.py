"""Notebooks -> outputs, and the comparison with the published figures."""
