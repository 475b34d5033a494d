"""The result as JSON: the same result gives the same bytes."""

import json

from runtime.report.result import Result


def dump(result: Result) -> str:
    """The result as it is, with sorted keys, indented by two, and a newline at the end."""
    return json.dumps(result, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
