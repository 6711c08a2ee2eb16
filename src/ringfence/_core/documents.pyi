from typing import Final, final

from ringfence._core.fence import Inside

# For so long after it was measured a transcript counts in a meeting.
TRANSCRIPT_SECONDS: Final[int]

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
    def log(self) -> tuple[str, bytes] | None: ...
    @property
    def participants(self) -> int: ...
    @property
    def hosts(self) -> list[bytes]: ...
    @property
    def begins(self) -> int | None: ...
    @property
    def ends(self) -> int | None: ...
    @property
    def beacons(self) -> list[bytes]: ...
    @property
    def data(self) -> list[bytes]: ...
    def decide(
        self, statement: bytes, located: list[bytes], transcripts: list[bytes], address: str, now: int
    ) -> tuple[str, Inside | None]: ...
    def check_knock(self, proof: bytes, group: bytes, nonce: bytes, package: bytes) -> bytes: ...
    def check_rejoin(self, proof: bytes, group: bytes, nonce: bytes) -> bytes: ...
    def check_admission(self, admission: bytes, group: bytes, link_admits: bool) -> bytes: ...

def public_key(seed: bytes) -> bytes: ...
def sign_as_node(draft: str, node_seed: bytes) -> bytes: ...
def sign_as_operator(inner: bytes, operator_seed: bytes) -> bytes: ...
def stated(document: bytes, operator: bytes | None = None) -> str: ...
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
def make_transcript(
    node_seed: bytes,
    *,
    name: str,
    lat: float,
    lon: float,
    node: bytes,
    address: str,
    port: int,
    samples: int,
    least_us: int,
    at: int,
    nonce: bytes,
    answer: bytes,
) -> bytes: ...
def read_transcript(document: bytes) -> str: ...
