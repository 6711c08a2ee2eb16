"""A call that was honest until now: an owner, a host by the book, the victim, and the session to lie in.
Sets the scene; which lie comes next is in the tests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .accomplice import Accomplice
from .documents import Owner
from .page import Victim
from .proxy import Lie, Session
from .world import World


@dataclass
class Call:
    owner: Owner
    link: str
    host: Accomplice
    victim: Victim
    lie: Lie

    @classmethod
    def start(
        cls,
        world: World,
        victim: Victim,
        accomplices: Callable[..., Accomplice],
        lie: Lie | Callable[[Accomplice], Lie],
        flows: bool,
        **fields: Any,
    ) -> "Call":
        """`flows` is false when the lie is told before the victim is in."""
        owner = world.owner(**fields)
        link = world.hold(owner)
        host = accomplices(owner.link, owner.host).found()
        world.server.lie = lie = lie if isinstance(lie, Lie) else lie(host)
        victim.open(link).ask_to_join()
        host.welcome_next()
        if flows:
            victim.is_in()
            victim.sends()
        return cls(owner, link, host, victim, lie)

    @property
    def session(self) -> Session:
        """The connection in which the victim is told things."""
        return self.lie.session()

    def refused(self, names: str) -> None:
        """The page names the lie, and sends nothing after it."""
        self.victim.refuses(names)
        self.victim.sends_no_more()
