"""A plan that is frozen before records are seen, after a rehearsal on rows that nobody made."""
