"""Clean tables to counts."""
