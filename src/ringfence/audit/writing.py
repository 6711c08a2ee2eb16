"""A report as JSON, piece by piece: of very many flows the whole is never in memory at once.
Not here: what is in it (`document`), or where it goes."""

import json
from collections.abc import Iterator

from ringfence.audit.document import Part, Report

# Parts that are written at once: each time the encoder leaves some garbage.
AT_ONCE = 500


def json_of(report: Report) -> Iterator[str]:
    """Together the document of docs/audit/schema.json, indented by two."""
    for place, name in enumerate(type(report).model_fields):
        yield f'{"," if place else "{"}\n  "{name}": '
        value = getattr(report, name)
        if isinstance(value, list) and value and isinstance(value[0], Part):
            for at in range(0, len(value), AT_ONCE):
                several = [part.model_dump(mode="json") for part in value[at : at + AT_ONCE]]
                yield ("," if at else "[") + indented(several, 2).removeprefix("[").removesuffix("\n  ]")
            yield "\n  ]"
        else:
            yield indented(value.model_dump(mode="json") if isinstance(value, Part) else value, 2)
    yield "\n}\n"


def indented(document: object, indent: int = 0) -> str:
    """In ASCII: a terminal may show it, and words of the capture are in it."""
    # No string of JSON has a line break in it.
    return json.dumps(document, indent=2).replace("\x7f", "\\u007f").replace("\n", "\n" + " " * indent)
