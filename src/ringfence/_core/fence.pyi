from typing import final

from ringfence._core.geo import Addresses

@final
class Inside:
    @property
    def address(self) -> str: ...

def parse_policy(toml: str) -> bytes: ...
def explain(policy: bytes) -> list[str]: ...
def presets() -> str: ...
def preset_policy(id: str, this: bytes) -> bytes: ...
def decide(
    policy: bytes,
    node: bytes | None,
    *,
    evidence: str | None,
    trust: str | None,
    role: str,
    address: str | None,
    at: int,
    sets: list[Addresses] = ...,
) -> str: ...
