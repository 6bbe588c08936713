"""What ``docs/numbers.yaml`` declares: which numerals stand in prose, and where they come from."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lmm.review.numbers.origins import Names, Origin, Value
from lmm.study.problems import Problem, StudyError

DECLARATIONS = "docs/numbers.yaml"


class Entry(BaseModel):
    """Words with numerals in them, and why these stand there: one of five reasons.

    Attributes
    ----------
    says
        The words, as a reader sees them. They stand once in their document, or so many ``times``.
    origins
        Where the numerals come from, in their order: they are computed again and compared.
    tested
        The test that compares them with what is computed.
    cited
        The reference that says so: a key of ``docs/references.bib``, or a page that is linked.
    measured
        What was run to measure it, where nothing keeps the number.
    because
        Why it is no finding: it counts what the sentence itself names, is an example, or a name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: Names
    origins: list[Origin] = Field(default=[], alias="from")
    tested: str = ""
    cited: str = ""
    measured: str = ""
    because: str = ""
    times: int = 1

    @model_validator(mode="after")
    def _has_one_reason(self) -> Self:
        reasons = (self.origins, self.tested, self.cited, self.measured, self.because)
        if sum(map(bool, reasons)) != 1:
            raise ValueError("give one of from, tested, cited, measured and because")
        return self

    @property
    def reason(self) -> str:
        """Why its numerals stand there, where nothing computes them."""
        names = ("tested", "cited", "measured", "because")
        return "; ".join(f"{name}: {getattr(self, name)}" for name in names if getattr(self, name))

    def values(self, root: Path) -> list[Value]:
        """Read the numbers that its numerals are to say."""
        return [value for origin in self.origins for value in origin.values(root)]


class Declarations(BaseModel):
    """Everything that is declared.

    Attributes
    ----------
    generated, generated_parts
        Documents that a program writes, or what stands in them between the comments ``begin`` and
        ``end``; and the test that compares them with what the program writes.
    anywhere
        Names, which may stand in every document.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    generated: dict[str, str] = {}
    generated_parts: dict[str, str] = {}
    anywhere: list[Entry] = []
    documents: dict[str, list[Entry]] = {}


def declarations(root: Path) -> Declarations:
    """Read ``docs/numbers.yaml``.

    Raises
    ------
    StudyError
        If it says something else than declarations, or names a test that there is not.
    """
    try:
        read = Declarations.model_validate(yaml.safe_load((root / DECLARATIONS).read_text("utf-8")))
    except ValidationError as error:
        places = ((".".join(map(str, each["loc"])), each["msg"]) for each in error.errors())
        raise StudyError(
            *(Problem(f"{at}: {why}", file=DECLARATIONS) for at, why in places)
        ) from error
    entries = [entry for listed in read.documents.values() for entry in listed if entry.tested]
    tests = [*read.generated.values(), *read.generated_parts.values()]
    for test in dict.fromkeys([*tests, *(entry.tested for entry in entries)]):
        file, _, name = test.partition("::")
        if not (root / file).is_file() or f"def {name}(" not in (root / file).read_text("utf-8"):
            fix = "name the test that compares what is written"
            raise StudyError(Problem(f"{test} is no test", file=DECLARATIONS, fix=fix))
    return read
