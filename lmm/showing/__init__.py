"""Results to what a reader sees."""
