"""Groups that run: their public state, seats with hashes of tokens, and sealed messages for who is away."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "running_group",
        sa.Column("meeting", sa.LargeBinary(16), sa.ForeignKey("meeting.id"), primary_key=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
    )
    op.create_table(
        "seat",
        sa.Column("meeting", sa.LargeBinary(16), sa.ForeignKey("meeting.id"), primary_key=True),
        sa.Column("leaf", sa.Integer(), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
    )
    op.create_table(
        "kept",
        sa.Column("meeting", sa.LargeBinary(16), sa.ForeignKey("meeting.id"), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sender", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    for table in ("kept", "seat", "running_group"):
        op.drop_table(table)
