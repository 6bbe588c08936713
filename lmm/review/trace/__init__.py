"""Where a number is from: it is sought, and its way back is told."""
