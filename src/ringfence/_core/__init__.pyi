from ringfence._core import delivery, documents, fence, geo, member, receipt, routelog, sfu
from ringfence.errors import Refusal as CoreError

__all__ = ["CoreError", "delivery", "documents", "fence", "geo", "member", "receipt", "routelog", "sfu"]
