"""Taking part in a meeting by program: what an SDK is made of (docs/sdk.md)."""

from ringfence.client.events import (
    Admitted,
    Chat,
    Code,
    CutOff,
    Ended,
    Event,
    How,
    Joined,
    Knocks,
    Left,
    Lost,
    Media,
    Node,
    Person,
    Problem,
    Reason,
    Route,
    RulesChanged,
    Speaking,
    Waiting,
)
from ringfence.client.keys import Keys
from ringfence.client.link import Link
from ringfence.client.media import Received
from ringfence.client.meeting import Meeting

__all__ = [
    "Admitted",
    "Chat",
    "Code",
    "CutOff",
    "Ended",
    "Event",
    "How",
    "Joined",
    "Keys",
    "Knocks",
    "Left",
    "Link",
    "Lost",
    "Media",
    "Meeting",
    "Node",
    "Person",
    "Problem",
    "Reason",
    "Received",
    "Route",
    "RulesChanged",
    "Speaking",
    "Waiting",
]
