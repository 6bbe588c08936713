"""A study of one's own: the folder that `lmm new` writes, and the mapping that it drafts."""
