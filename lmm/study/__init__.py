"""What a study declares, what a reader may vary, and how a problem is told."""
