"""Sound and picture of one participant: tells the call what the meeting says, and the meeting what the call says.
Not here: connections, frames and keys, which Python never sees (core/call)."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from ringfence._core import member
from ringfence.wire.session import Slots, Speaking

Stream = Literal["microphone", "camera", "screen sound", "screen"]
STREAMS: tuple[Stream, ...] = ("microphone", "camera", "screen sound", "screen")
OVER = ("left", "removed", "denied", "stopped")


@dataclass(frozen=True)
class Received:
    """What came of one stream. `bytes`: of what was in the `frames` that opened, of which `keys` were key frames.
    `failed`: frames that did not open. `late`: sealed with keys that are over, or were before this participant came.
    `since`: seconds since the last one that opened; None: none has."""

    member: str | None
    name: str | None
    leaf: int
    stream: Stream
    frames: int
    keys: int
    bytes: int
    failed: int
    late: int
    since: float | None


class Line:
    """`told` is given what the call asks of the participant, as its inputs; `speaking` the leaves of who speaks."""

    def __init__(
        self,
        send: Sequence[str],
        receive: bool,
        told: Callable[[dict[str, Any]], None],
        speaking: Callable[[Sequence[int]], None],
    ) -> None:
        """Raises RF7007 for what cannot be sent."""
        self._call = member.Call(list(send), receive)
        self._told, self._speaking = told, speaking

    @property
    def state(self) -> dict[str, bool]:
        """What the others are shown."""
        return {"muted": not self._call.sends_sound, "camera": self._call.sends_picture}

    def open(self) -> None:
        asyncio.get_running_loop().add_reader(self._call.fileno(), self._take)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._call.fileno())
        self._call.close()

    def _take(self) -> None:
        for told in json.loads(self._call.take()):
            self._told(told)

    def phase(self, phase: str) -> None:
        """Media does not end with the signalling: what still flows flows on until we are back."""
        if phase == "in":
            self._say(t="resume")
        elif phase == "lost":
            self._say(t="hold")
        else:
            self._say(t="disconnect")
        if phase in OVER:
            self._say(t="forget")

    def heard(self, message: dict[str, Any]) -> None:
        """What of the server's words is about media."""
        try:
            match message.get("t"):
                case "slots":
                    slots = Slots.model_validate(message)
                    named = [slot.model_dump() for slot in slots.slots]
                    self._say(t="slots", slots=named, need=slots.need)
                case "speaking":
                    self._speaking(Speaking.model_validate(message).leaves)
                case "error" if message.get("re") == "offer":
                    self._say(t="refused")
                # The server was restarted, or gave the media up: what is left of it leads nowhere.
                case "resumed" if message.get("media") is False:
                    self._say(t="disconnect")
        except ValidationError:
            return  # of no server of ours

    def does(self, output: dict[str, Any], participant: member.Participant) -> None:
        """What of the participant's outputs is about media."""
        match output["t"]:
            case "answer":
                self._say(t="answered", sdp=output["sdp"])
            case "media":
                self._say(t="media", open=output["open"])
            case "measure":
                self._say(t="measure")
            case "keys":
                self._call.install(
                    participant,
                    output["epoch"],
                    output["own_leaf"],
                    [one["leaf"] for one in output["leaves"]],
                    output["close_old_after_ms"],
                    output["switch_after_ms"],
                )

    def counted(self) -> list[dict[str, Any]]:
        counted: list[dict[str, Any]] = json.loads(self._call.counted())
        return counted

    def _say(self, **command: Any) -> None:
        self._call.handle(json.dumps(command))
