"""How Alembic reaches the database. Not responsible for: the changes themselves (versions/)."""

from alembic import context
from sqlalchemy import create_engine, pool

from ringfence.store.models import Base

engine = create_engine(context.config.get_main_option("sqlalchemy.url", ""), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
