"""Meetings: charter, route, generation. Not here: anything that opens a sealed thing."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.LargeBinary(16), primary_key=True),
        sa.Column("charter", sa.LargeBinary(), nullable=False),
        sa.Column("route", sa.LargeBinary(), nullable=False),
        sa.Column("statement", sa.LargeBinary(32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("meeting")
