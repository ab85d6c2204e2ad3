"""DuckDB: one file a layer."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any


class DuckDB:
    """One file a layer, which begins as a copy of the layer's before."""

    HAS_JSONB = "select 1 from duckdb_types() where type_name = 'jsonb' and not internal"

    # n / d rounded half away from zero, as text; n has ten digits more behind the point than
    # asked for and d has eight, so that n counts hundredths of what d counts.
    MACROS = (
        "unscaled(x) as cast(replace(cast(x as varchar), '.', '') as hugeint)",
        "rounded(n, d) as"
        " sign(n) * sign(d) * ((2 * abs(n) + 100 * abs(d)) // nullif(200 * abs(d), 0))",
        "digits(x, scale) as repeat('0', scale + 1) || cast(abs(x) as varchar)",
        "with_point(x, scale) as if(x < 0, '-', '')"
        " || left(digits(x, scale), -scale) || '.' || right(digits(x, scale), scale)",
        "exact_ratio(n, d, scale) as with_point(rounded(unscaled(n), unscaled(d)), scale)",
    )

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order

    def open(self) -> None:
        import duckdb

        for layer in self.order["before"][-1:]:
            shutil.copyfile(Path(layer["tables"]).with_name("build.duckdb"), self.order["database"])
        with duckdb.connect(self.order["database"]) as connection:
            if not connection.execute(self.HAS_JSONB).fetchone():
                connection.execute("create type jsonb as json")  # as the contracts call it
            for macro in self.MACROS:
                connection.execute(f"create or replace macro {macro}")
            for schema, tables in self.order["sources"].items():
                connection.execute(f'create schema if not exists "{schema}"')
                for name, source in tables.items():
                    connection.execute(
                        f'create or replace view "{schema}"."{name}" as'
                        f" select * from read_parquet('{source['folder']}/*.parquet')"
                    )

    def write(self, built: list[list[str]]) -> None:
        """Each table as Parquet, too."""
        import duckdb

        with duckdb.connect(self.order["database"]) as connection:
            connection.execute("set timezone = 'UTC'")
            for _, schema, name in built:
                folder = Path(self.order["tables"], schema, name)
                folder.mkdir(parents=True, exist_ok=True)
                connection.execute(
                    f'copy (select * from "{schema}"."{name}")'
                    f" to '{folder / 'all.parquet'}' (format parquet)"
                )

    def close(self) -> None:
        pass
