from ringfence._core import capture, delivery, documents, fence, geo, member, receipt, routelog, sfu
from ringfence.errors import Refusal as CoreError

__all__ = ["CoreError", "capture", "delivery", "documents", "fence", "geo", "member", "receipt", "routelog", "sfu"]
