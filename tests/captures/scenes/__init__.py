"""All scenes: importing this makes them known to `captures.capture`."""

from . import alike, clean, mixed, weak_media, weak_signalling

__all__ = ["alike", "clean", "mixed", "weak_media", "weak_signalling"]
