"""dbt's connections to PostgreSQL, kept from one node to the next. Imports dbt: import it late.

dbt's adapter closes its connection after each node, and a night has three hundred: to log in and to
read the catalog anew costs as much as a small model.
"""

from __future__ import annotations

import psycopg2
from dbt.adapters.contracts.connection import Connection
from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt.adapters.postgres.impl import PostgresAdapter


class KeptConnections(PostgresConnectionManager):
    """A thread's next node goes on with its connection; all are closed when the run ends."""

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Open it, for good in the role of the profile, which a rollback would take back."""
        connection = super().open(connection)
        connection.handle.commit()
        return connection

    def release(self) -> None:
        """Undo what a node left unfinished; close a connection that is broken or was no node's."""
        connection = self.get_if_exists()
        if connection is None or connection.state != "open" or not _is_of_a_node(connection):
            return super().release()
        try:
            connection.handle.rollback()
            connection.transaction_open = False
        except psycopg2.Error:
            super().release()


def _is_of_a_node(connection: Connection) -> bool:
    """It is called by the node's id: model.project.name; the others have plain names."""
    return "." in (connection.name or "")


def keep() -> None:
    """From now on in this process, keep the connections of dbt's runs in PostgreSQL."""
    PostgresAdapter.ConnectionManager = KeptConnections
