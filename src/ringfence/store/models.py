"""The tables. Not responsible for: queries (`database`); changes of them are in `migrations`."""

from sqlalchemy import LargeBinary
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Meeting(Base):
    """A meeting: its charter and route as signed, and the last generation of its group."""

    __tablename__ = "meeting"

    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    charter: Mapped[bytes] = mapped_column(LargeBinary)
    route: Mapped[bytes] = mapped_column(LargeBinary)
    generation: Mapped[int | None]
    made_at: Mapped[int]
