"""What readers have beside what was built for them."""

from __future__ import annotations

from datetime import date

from psycopg import sql

from regulars import warehouse
from regulars.night import Night
from regulars.publication.published_tables import columns_of, listed, published_tables
from regulars.settings import Settings

DIFFERENT = sql.SQL("""
    select count(*)
    from (
        (select {columns} from {built} except all select {columns} from {published})
        union all
        (select {columns} from {published} except all select {columns} from {built})
    ) as either_way
""")


def unlike_what_was_built(settings: Settings, night: date) -> dict[str, int]:
    """Published table -> rows that it has and its model has not, and the other way round."""
    different = {}
    with warehouse.connect(settings, "admin") as connection:
        for table in published_tables(settings, Night(night)):
            names = table.written(columns_of(connection, table.schema, table.name))
            query = DIFFERENT.format(
                columns=listed(names),
                built=sql.Identifier(table.schema, table.name),
                published=table.rows,
            )
            (different[table.name],) = connection.execute(query).fetchone() or (0,)
    assert len(different) > 30
    return {name: rows for name, rows in different.items() if rows}
