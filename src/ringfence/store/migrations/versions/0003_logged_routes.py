"""Routes are written down in a log: where, and with which salt."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meeting", sa.Column("log_index", sa.Integer(), nullable=True))
    op.add_column("meeting", sa.Column("log_salt", sa.LargeBinary(32), nullable=True))


def downgrade() -> None:
    for column in ("log_index", "log_salt"):
        op.drop_column("meeting", column)
