"""Five exercises for students, each in a folder of its own, that check what an answer does.

An answer is tried on data that nobody has seen before, drawn anew for each check; what it is
written like is never looked at.
"""
