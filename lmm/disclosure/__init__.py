"""Counts to released counts."""
