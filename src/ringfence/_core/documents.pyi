from typing import final

from ringfence._core.fence import Inside

@final
class Charter:
    @staticmethod
    def read(document: bytes) -> Charter: ...
    @property
    def meeting(self) -> bytes: ...
    @property
    def hash(self) -> bytes: ...
    @property
    def version(self) -> int: ...
    @property
    def participants(self) -> int: ...
    @property
    def hosts(self) -> list[bytes]: ...
    @property
    def begins(self) -> int | None: ...
    @property
    def ends(self) -> int | None: ...
    def decide(self, statement: bytes, address: str, now: int) -> tuple[str, Inside | None]: ...
    def check_knock(self, proof: bytes, group: bytes, nonce: bytes, package: bytes) -> bytes: ...
    def check_rejoin(self, proof: bytes, group: bytes, nonce: bytes) -> bytes: ...
    def check_admission(self, admission: bytes, group: bytes, link_admits: bool) -> bytes: ...

def public_key(seed: bytes) -> bytes: ...
def make_statement(draft: str, node_seed: bytes, operator_seed: bytes) -> bytes: ...
def make_route(
    node_seed: bytes,
    *,
    meeting: bytes,
    roles: list[str],
    statement: bytes,
    why: str,
    previous: bytes | None,
    at: int,
) -> bytes: ...
def make_hello(
    node_seed: bytes,
    *,
    meeting: bytes,
    nonce: bytes,
    charter: bytes,
    route: bytes,
    generation: int | None,
    group: bytes | None,
    epoch: int | None,
) -> bytes: ...
def make_channel(
    node_seed: bytes,
    *,
    group: bytes,
    nonce: bytes,
    fingerprint: bytes,
    address: str,
    port: int,
) -> bytes: ...
