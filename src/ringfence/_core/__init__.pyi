from ringfence._core import delivery, documents, fence, geo, member, routelog, sfu
from ringfence.errors import Refusal as CoreError

__all__ = ["CoreError", "delivery", "documents", "fence", "geo", "member", "routelog", "sfu"]
