"""The tables. Not here: queries (`database`); changes of the tables are in `migrations`."""

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
    # SHA-256 of the statement that the route names.
    statement: Mapped[bytes] = mapped_column(LargeBinary(32))
    generation: Mapped[int | None]
    # Unix seconds.
    made_at: Mapped[int]
