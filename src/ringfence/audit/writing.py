"""A report as JSON, piece by piece: of very many flows the whole is never in memory at once.
Not here: what is in it (`document`), or where it goes."""

import json
from collections.abc import Iterator

from ringfence.audit.document import Part, Report


def json_of(report: Report) -> Iterator[str]:
    """Together the document of docs/audit/schema.json, indented by two."""
    for place, name in enumerate(type(report).model_fields):
        yield f'{"," if place else "{"}\n  "{name}": '
        value = getattr(report, name)
        if isinstance(value, list) and value and isinstance(value[0], Part):
            for at, part in enumerate(value):
                yield f"{',' if at else '['}\n    {indented(part.model_dump(mode='json'), 4)}"
            yield "\n  ]"
        else:
            yield indented(value.model_dump(mode="json") if isinstance(value, Part) else value, 2)
    yield "\n}\n"


def indented(document: object, indent: int = 0) -> str:
    """In ASCII: a terminal may show it, and words of the capture are in it."""
    # No string of JSON has a line break in it.
    return json.dumps(document, indent=2).replace("\x7f", "\\u007f").replace("\n", "\n" + " " * indent)
