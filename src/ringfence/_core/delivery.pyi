from typing import Literal, final

@final
class Seat:
    leaf: int
    member: bytes
    host: bool

@final
class Joined:
    leaf: int
    member: bytes
    package: bytes

@final
class Gone:
    leaf: int
    member: bytes
    why: Literal["self", "host", "replaced"]

@final
class Group:
    @staticmethod
    def found(charter: bytes, route: bytes, genesis: bytes, group_info: bytes, tree: bytes) -> Group: ...
    def accept_commit(
        self, commit: bytes, group_info: bytes, knocked: list[bytes]
    ) -> tuple[list[Joined], list[Gone]]: ...
    def accept_proposal(self, message: bytes) -> int: ...
    def check_sealed(self, message: bytes) -> int: ...
    def was_used(self, admission: bytes) -> bool: ...
    def tree(self) -> bytes: ...
    def ledger(self) -> bytes: ...
    def members(self) -> list[Seat]: ...
    @property
    def id(self) -> bytes: ...
    @property
    def epoch(self) -> int: ...
    @property
    def generation(self) -> int: ...
    @property
    def link_admits(self) -> bool: ...
