"""The JSON Schema of reports: ``python -m grader.schema > docs/report.schema.json``."""

from __future__ import annotations

from typing import Any

import msgspec

from grader.results import Report

_DERIVED = {
    "Report": ("outcome",),
    "StageResult": ("outcome", "points", "earned"),
    "CriterionResult": ("outcome", "earned"),
}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of what `to_json` writes."""
    (reference,), parts = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    for name, derived in _DERIVED.items():
        properties = parts[name]["properties"]
        for field_name in derived:
            properties[field_name] = (
                {"anyOf": [{"$ref": "#/$defs/Outcome"}, {"type": "null"}]}
                if field_name == "outcome"
                else {"type": "integer", "minimum": 0}
            )
    title = "A report of grader check"
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "title": title, **reference, "$defs": parts}


if __name__ == "__main__":
    print(msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode())
