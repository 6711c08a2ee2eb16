"""Writes what is made from the code: `make generate`. With --check it only says what is old.
Not here: the sources (src/ringfence/wire, src/ringfence/errors)."""

import json
import sys
import types
import typing
from pathlib import Path
from typing import Any

import auditor
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ringfence.errors import catalogue
from ringfence.wire import http, session

ROOT = Path(__file__).resolve().parent.parent
MADE = "made by `make generate`: change the source, not this"
CHAPTERS = {
    "1": "Requests and messages",
    "2": "Fence, evidence and captures",
    "3": "Documents and group",
    "4": "Media",
    "5": "Starting a server",
    "6": "Page",
    "7": "Taking part by program",
}
CONVERSATIONS = {
    "From the client": typing.get_args(session.ClientMessage),
    "From the server": typing.get_args(session.ServerMessage),
}
PARTS = (
    *(session.KnownLog, session.HostName, session.Welcomed, session.Want, session.Candidate),
    *(session.Logged, session.Slot),
)
HTTP = (
    *(http.Node, http.NewMeeting, http.Created, http.Meeting, http.RoundTripsAsked, http.RoundTrips),
    *(http.Health, http.Problem),
)
HTTP_PARTS = (http.OperatorWord, http.LogWord, http.DataSet, http.BeaconWord, http.Reason)


def errors_json() -> str:
    words = {code: {"title": e.title, "why": e.why, "do": e.do} for code, e in catalogue().items()}
    return json.dumps(words, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def errors_page() -> str:
    lines = ["# Errors", "", f"Every code there is ({MADE}, from `src/ringfence/errors`)."]
    chapter = ""
    for code, entry in catalogue().items():
        if code[2] != chapter:
            chapter = code[2]
            lines += ["", f"## {CHAPTERS[chapter]}"]
        lines += ["", f"### {code} {entry.name}", f"**{entry.title}.** {entry.why}", "", f"{entry.do}"]
    return "\n".join(lines) + "\n"


def about(model: type[BaseModel]) -> str:
    """The first line of what is said about a message."""
    return (model.__doc__ or "").strip().split("\n")[0]


def schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(mode="validation")


def limits(field: dict[str, Any]) -> str:
    """The form of a field, in words."""
    if "anyOf" in field:
        return " or ".join(limits(option) for option in field["anyOf"])
    if "$ref" in field:
        return f"[{field['$ref'].rsplit('/', 1)[1]}](#{field['$ref'].rsplit('/', 1)[1].lower()})"
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if field.get("contentEncoding") == "base64url":
        least, most = field["minLength"] * 3 // 4, field["maxLength"] * 3 // 4
        return f"{least} bytes" if least == most else f"{least}–{most} bytes"
    if field.get("type") == "array":
        most = f", at most {field['maxItems']}" if "maxItems" in field else ""
        return f"list of {limits(field['items'])}{most}"
    if "enum" in field:
        return " or ".join(f"`{json.dumps(value)}`" for value in field["enum"])
    kind = {"integer": "number", "string": "text", "null": "null", "boolean": "true or false"}[field["type"]]
    low, high = field.get("minimum"), field.get("maximum")
    if low is not None and high is not None:
        return f"{kind}, {low}–{high}" if high < 2**32 else f"{kind} from {low}"
    if "maxLength" in field:
        return f"{kind} of {field.get('minLength', 0)}–{field['maxLength']} letters"
    return kind


def table(model: type[BaseModel], title: str) -> list[str]:
    described = schema(model)
    required = set(described.get("required", []))
    lines = ["", f"### {title}", about(model), ""]
    rows = []
    for name, field in described["properties"].items():
        if name == "t":
            continue
        left_out = "" if name in required else "; may be left out"
        note = field.get("description", field.get("items", {}).get("description", ""))
        rows.append(f"| `{name}` | {limits(field)}{left_out} | {note} |")
    return lines + (["| field | form | |", "| --- | --- | --- |", *rows] if rows else ["No fields."])


def websocket_page() -> str:
    lines = [
        "# The session: WebSocket",
        "",
        f"({MADE}, from `src/ringfence/wire/session.py`.)",
        "",
        "`GET /api/v1/meetings/{meeting}/session`, upgraded. Text frames of at most 1 MiB, each one JSON object",
        "whose `t` names the message; binary frames are refused. `Origin` has to be the server's own. Bytes are",
        "base64url without padding. Unknown fields are refused. The first message is `hello`, within ten seconds.",
        "A refused message is answered by `error` with its `t` as `re`, and has changed nothing. A field that may",
        "be null may be left out by clients, and is always sent by the server. Rates are in [http.md](http.md).",
        "What members and hosts may do is decided again by every member: the server's checks only refuse early.",
    ]
    for chapter, models in CONVERSATIONS.items():
        lines += ["", f"## {chapter}"]
        for model in models:
            t = schema(model)["properties"]["t"].get("const")
            lines += table(model, f"`{t}`")
    lines += ["", "## Parts"]
    for model in PARTS:
        lines += table(model, model.__name__)
    return "\n".join(lines) + "\n"


def websocket_schema() -> str:
    both = {
        "$comment": MADE,
        "client": session.FROM_CLIENT.json_schema(),
        "server": session.FROM_SERVER.json_schema(mode="serialization"),
    }
    return json.dumps(both, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def typescript_type(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return typescript_type(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " | ".join(typescript_type(argument) for argument in arguments)
    if origin is typing.Literal:
        return " | ".join(json.dumps(value) for value in arguments)
    if origin is list:
        inner = typescript_type(arguments[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.__name__
    simple: dict[Any, str] = {
        bytes: "string",
        str: "string",
        int: "number",
        float: "number",
        bool: "boolean",
        type(None): "null",
    }
    return simple[annotation]


def interface(model: type[BaseModel], sent_by_client: bool) -> list[str]:
    def line(name: str, field: FieldInfo) -> str:
        optional = "?" if sent_by_client and not field.is_required() else ""
        return f"  {name}{optional}: {typescript_type(field.annotation)};"

    doc = [f"/** {about(model)} */"] if about(model) else []
    fields = [line(name, field) for name, field in model.model_fields.items()]
    return [*doc, f"export interface {model.__name__} {{", *fields, "}", ""]


def union(name: str, models: typing.Sequence[type[BaseModel]]) -> list[str]:
    names = " | ".join(model.__name__ for model in models)
    # As prettier would write it: in one line, in one line of its own, or each on its own.
    for line in ([f"export type {name} = {names};"], [f"export type {name} =", f"  {names};"]):
        if max(map(len, line)) <= 100:
            return line
    each = names.replace(" | ", "\n  | ")
    return [f"export type {name} =", f"  | {each};"]


def typescript() -> str:
    lines = [
        "// Responsible for: the types of every message between page and server.",
        f"// Not responsible for: their meaning (docs/protocol). {MADE[0].upper()}{MADE[1:]}.",
        "// Bytes are base64url without padding.",
        "",
    ]
    client, server = CONVERSATIONS.values()
    for model in (*PARTS, *client):
        lines += interface(model, sent_by_client=True)
    for model in (*server, *HTTP_PARTS, *HTTP):
        lines += interface(model, sent_by_client=False)
    for name, models in (("ClientMessage", client), ("ServerMessage", server)):
        lines += union(name, models)
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


FILES = {
    "web/src/wire/errors.generated.json": errors_json,
    "web/src/wire/messages.ts": typescript,
    "docs/errors.md": errors_page,
    "docs/protocol/websocket.md": websocket_page,
    "docs/protocol/websocket.schema.json": websocket_schema,
    **auditor.files(),
}


def old() -> list[str]:
    """The files that are not what the code says now."""

    def current(name: str) -> str:
        path = ROOT / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    return [name for name, make in FILES.items() if current(name) != make()]


def main() -> None:
    stale = old()
    if "--check" in sys.argv:
        sys.exit(f"Old, run `make generate`: {', '.join(stale)}" if stale else 0)
    for name in stale:
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(FILES[name](), encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
