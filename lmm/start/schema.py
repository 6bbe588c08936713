"""The JSON schema of study.yaml, and the page that explains every key of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lmm.study.study import Study

SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def study_schema() -> dict[str, Any]:
    """Give the JSON schema that editors check a study file with."""
    schema = Study.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": SCHEMA, **schema, "title": "study.yaml"}


def reference() -> str:
    """Write the reference of study.yaml as Markdown: every key, its kind, default and meaning."""
    schema = study_schema()
    parts = [
        "# Every key of study.yaml",
        "",
        "Written by `lmm schema --reference` from the model that reads the file. Keys in bold "
        "must be given. [Use it for your service](your-service.md) shows how a file comes about.",
        "",
        *_table(schema, schema["$defs"]),
    ]
    for name, part in schema["$defs"].items():
        meaning = " ".join(part.get("description", "").split())
        body = _table(part, schema["$defs"]) if "properties" in part else [f"Is {_kind(part)}."]
        parts += ["", f"## {name}", "", meaning, "", *body]
    return "\n".join(parts).rstrip() + "\n"


def _table(part: Mapping[str, Any], parts: Mapping[str, Any]) -> list[str]:
    rows = ["| key | kind | if left out | meaning |", "|---|---|---|---|"]
    required = part.get("required", [])
    for key, spec in part.get("properties", {}).items():
        name = f"**{key}**" if key in required else key
        default = "" if key in required else _default(spec.get("default"))
        meaning = " ".join(_meaning(spec, parts).replace("|", "\\|").split())
        rows.append(f"| {name} | {_kind(spec)} | {default} | {meaning} |")
    return rows


def _meaning(spec: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    """Give what a key means, or what the thing that it holds is."""
    inner = spec.get("items") or spec.get("additionalProperties") or {}
    named = str(spec.get("$ref") or (isinstance(inner, dict) and inner.get("$ref")) or "")
    of_part = parts.get(named.rsplit("/", 1)[-1], {}).get("description", "")
    return str(spec.get("description") or of_part)


def _default(value: object) -> str:
    shown = str(value).lower() if isinstance(value, bool) else value
    return "nothing" if value in (None, [], {}, "") else f"`{shown}`"


WORDS = {"boolean": "true or false", "null": "nothing"}


def _kind(spec: Mapping[str, Any]) -> str:
    """Word what may stand in a key's place."""
    if "$ref" in spec:
        name = str(spec["$ref"]).rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if values := spec.get("enum") or ([spec["const"]] if "const" in spec else []):
        return "one of " * (len(values) > 1) + ", ".join(f"`{value}`" for value in values)
    if choices := spec.get("anyOf") or spec.get("oneOf"):
        return " or ".join(dict.fromkeys(map(_kind, choices)))
    return _plain_kind(spec)


def _plain_kind(spec: Mapping[str, Any]) -> str:
    kind = spec.get("type")
    inner = spec.get("items") or spec.get("additionalProperties")
    if kind == "array":
        inside = f"list of {_kind(inner or {})}"
    elif kind == "object":
        inside = f"keys with {_kind(inner)}" if isinstance(inner, dict) else "keys"
    elif kind in ("integer", "number"):
        inside = f"{'whole ' * (kind == 'integer')}number{_limits(spec)}"
    elif kind == "string":
        inside = "date" if spec.get("format") == "date" else "text"
    else:
        inside = WORDS.get(str(kind), "anything")
    return inside


def _limits(spec: Mapping[str, Any]) -> str:
    words = {"minimum": "from", "exclusiveMinimum": "over", "maximum": "to",
             "exclusiveMaximum": "under"}  # fmt: skip
    found = [f"{word} {spec[name]:.12g}" for name, word in words.items() if name in spec]
    return f" {' '.join(found)}" if found else ""
