"""What is told of each count of people, as planned, and seen to be so by counting again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lmm.cleaning.records import Records
from lmm.counting.counts import Counts, Key
from lmm.disclosure.cells import Told
from lmm.disclosure.earlier import Earlier, is_here
from lmm.disclosure.model import Model
from lmm.disclosure.plan import Plan, plan
from lmm.disclosure.profiles import Profile, profile_of


def told_of(records: Records, counts: Counts, earlier: Sequence[Earlier]) -> Mapping[Key, Told]:
    """Plan what is told of each count of people."""
    model, profile = Model(records, counts, earlier), profile_of(counts.study)
    decided = plan(model.cells, model.kinds(), profile, nearer=model.nearer)
    check_witnesses(model, decided, profile)
    return {
        name: model.stands.get(one) or decided.told[one]
        for name, one in model.same.items()
        if is_here(name)
    }


def check_witnesses(model: Model, decided: Plan, profile: Profile) -> None:
    """Count the records of each witness, and see that they lead to the very same release.

    Raises
    ------
    RuntimeError
        If one does not: then counts are not sums over members, as the plan takes them to be.
    """
    planned = model.planned(decided.witnesses)
    as_planned = (model.counted_again(decided.witnesses) == planned[model.stand_in]).all()
    standing = len(model.standing)
    fine = decided.shows_each(model.cells[:standing], planned[:standing], profile)
    if not (as_planned and fine.all()):
        raise RuntimeError("a witness does not lead to the same release")
