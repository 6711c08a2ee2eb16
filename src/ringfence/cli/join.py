"""`ringfence join`: takes part in a meeting without a browser, and says in lines what happens.
Not here: taking part (client)."""

import argparse
import asyncio
import json
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ringfence.cli.words import UNUSABLE, printable
from ringfence.errors import Refusal, entry

# How it ends, besides 0 (its time is over, or the meeting is) and 2 (what was given cannot be used).
FAILED, OUTSIDE, UNWANTED = 1, 3, 4
# The meeting has ended by its charter.
CHARTER_OVER = "RF3125"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    about = "take part in a meeting without a browser"
    ends = "exit status: 0 its time or the meeting is over, 1 it failed, 2 what was given cannot be used, "
    ends += "3 the fence refuses the server, 4 a host said no"
    parser = commands.add_parser("join", help=about, description=f"{about[0].upper()}{about[1:]}.", epilog=ends)
    parser.add_argument("link", metavar="LINK", help="the whole link of the meeting, or - to read it from stdin")
    parser.add_argument("--headless", action="store_true", required=True, help="without a browser: the only way so far")
    parser.add_argument("--name", required=True, help="what the others see")
    parser.add_argument("--seconds", type=float, metavar="S", help="leave after so many seconds in the meeting")
    parser.add_argument("--say", metavar="TEXT", help="say this to all, once in")
    parser.add_argument(
        "--send",
        action="append",
        default=[],
        metavar="WHAT",
        help="test, slow, or a file: VP8 in IVF, Opus in Ogg; or one of each",
    )
    parser.add_argument("--receive", action="store_true", help="open the others' sound and picture, and count them")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for programs")
    parser.add_argument("--keys", type=Path, metavar="FOLDER", help="keep the keys there, and be the same member again")
    parser.add_argument(
        "--ca", type=Path, metavar="FILE", help="trust these certificates (PEM) instead of the system's"
    )
    parser.add_argument(
        "--patience", type=float, default=60, metavar="S", help="look so long for a server that does not answer (60)"
    )
    parser.set_defaults(run=lambda arguments: asyncio.run(_join(arguments)), unusable=UNUSABLE)


async def _join(arguments: argparse.Namespace) -> int:
    # Here: other commands need no cryptography of members.
    from ringfence.client import Admitted, Ended, Meeting

    ended: Ended | None = None
    meeting = Meeting(
        # Arguments can be read by everybody on this machine; what comes in cannot.
        sys.stdin.readline() if arguments.link == "-" else arguments.link,
        arguments.name,
        keys=arguments.keys,
        authority=arguments.ca,
        patience=arguments.patience,
        send=arguments.send,
        receive=arguments.receive,
    )
    async with meeting:
        leaving = asyncio.create_task(_leaving(meeting, arguments.seconds))
        async for event in meeting.events():
            _say(event, arguments.json)
            if isinstance(event, Admitted) and not event.again and arguments.say is not None:
                await meeting.say(arguments.say)
            if isinstance(event, Ended):
                ended = event
        leaving.cancel()
        with suppress(asyncio.CancelledError, Refusal):
            await leaving
    if arguments.receive:
        _say_received(meeting.received(), arguments.json)
    return _status(ended)


async def _leaving(meeting: Any, seconds: float | None) -> None:
    """When the time is over that was given, or somebody stops the program."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    timer = asyncio.create_task(_pass(meeting, seconds))
    waiting = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait([timer, waiting], return_when=asyncio.FIRST_COMPLETED)
        await meeting.leave()
    finally:
        timer.cancel()
        waiting.cancel()
        await asyncio.gather(timer, waiting, return_exceptions=True)


async def _pass(meeting: Any, seconds: float | None) -> None:
    await meeting.admitted()
    await (asyncio.Event().wait() if seconds is None else asyncio.sleep(seconds))


def _status(ended: Any) -> int:
    if ended is None or ended.how == "left" or ended.code == CHARTER_OVER:
        return 0
    if ended.how in ("denied", "removed"):
        return UNWANTED
    return OUTSIDE if (ended.code or "").startswith("RF21") else FAILED


def _say(event: Any, as_json: bool) -> None:
    if as_json:
        fields = {"words": event.words} if hasattr(event, "words") else {}
        print(
            json.dumps({"t": type(event).__name__.lower(), **asdict(event), **fields}, ensure_ascii=False), flush=True
        )
        return
    for line in _lines(event):
        print(printable(line), flush=True)


def _say_received(streams: Any, as_json: bool) -> None:
    if as_json:
        print(
            json.dumps({"t": "received", "streams": [asdict(one) for one in streams]}, ensure_ascii=False), flush=True
        )
        return
    for one in streams:
        keys = f" ({one.keys} key frames)" if one.stream in ("camera", "screen") else ""
        last = "none opened" if one.since is None else f"the last {one.since:.1f} s ago"
        counts = f"{one.frames} frames{keys}, {one.bytes} bytes, {one.failed} failed, {one.late} late, {last}"
        print(printable(f"Of {one.name or 'somebody'}, {one.stream}: {counts}."), flush=True)
    if not streams:
        print("Nothing was received.", flush=True)


def _lines(event: Any) -> list[str]:
    from ringfence import client

    match event:
        case client.Waiting():
            return ["Waiting until a host lets us in."]
        case client.Admitted(again=again):
            return ["Back in the meeting." if again else "In the meeting."]
        case client.Joined(person=person):
            return [f"{person.name} is in the meeting."]
        case client.Left(person=person):
            return [f"{person.name} has left."]
        case client.Chat(you=False, name=name, text=text):
            return [f"{name or 'Somebody'}: {text}"]
        case client.Route() as route:
            send = "sound and picture may go there" if route.may_send else "not decided yet whether to send there"
            verdict = send if route.may_probe else "nothing is sent there"
            return [f"Route, by the fence {route.fence}: {verdict}.", *(f"  {line}" for line in route.words)]
        case client.Media(open=True):
            return ["Media is open."]
        case client.Media(why=why):
            return [f"Media is closed: {why}."]
        case client.Knocks(waiting=waiting) if waiting:
            return [f"Waiting to be let in: {', '.join(name for _, name in waiting)}."]
        case client.Code(code=code, epoch=epoch):
            return [f"Verification code of epoch {epoch}: {code}"]
        case client.RulesChanged(version=version, rules=rules):
            return [f"The owner has changed the rules (version {version}): {', '.join(kind for kind, _ in rules)}."]
        case client.CutOff(since=since):
            return ["Heard again." if since is None else "Nobody is heard any more: nothing is sent."]
        case client.Lost():
            return ["The server is lost; looking for it."]
        case client.Problem(code=code, detail=detail):
            return [_problem(code, detail)]
        case client.Ended(how="stopped", code=code, detail=detail):
            words = entry(code or "")
            return [f"Stopped. {_problem(code or '', detail)} {words.do}"]
        case client.Ended(how=how):
            return [{"left": "Left.", "removed": "A host has removed us.", "denied": "A host has not let us in."}[how]]
    return []


def _problem(code: str, detail: str) -> str:
    return f"{code}: {entry(code).title}{f' ({detail})' if detail else ''}."
