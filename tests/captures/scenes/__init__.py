"""All scenes: importing this makes them known to `captures.capture`."""

from . import alike, around, clean, contacts, mixed, sealed, unusual, weak_media, weak_signalling

__all__ = ["alike", "around", "clean", "contacts", "mixed", "sealed", "unusual", "weak_media", "weak_signalling"]
