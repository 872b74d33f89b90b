"""Where Alembic runs the scripts: on the connection (and under the lock) that ``tongmai.store.migrate`` has opened."""

from alembic import context

from tongmai.store.migrations import SCHEMA
from tongmai.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table_schema=SCHEMA,
    include_schemas=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
