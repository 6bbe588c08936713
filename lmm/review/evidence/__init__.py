"""What standards ask of a study and its code, each item answered by a program or left to a person.

An item is *verified* only by a check that ran, *not met* with the reason, or *needs a person*,
with what that person has to judge. There is no fourth status and no default.
"""
