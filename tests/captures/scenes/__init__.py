"""All scenes: importing this makes them known to `captures.capture`."""

from . import alike, clean, contacts, mixed, sealed, weak_media, weak_signalling

__all__ = ["alike", "clean", "contacts", "mixed", "sealed", "weak_media", "weak_signalling"]
