"""Clean tables -> results; pure functions, no disk and no drawing."""
