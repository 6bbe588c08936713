"""Numbers to estimates; knows no study."""
