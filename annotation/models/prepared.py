"""Questions that each annotation asks: built and compiled once in a process, and asked with other values each time.

Django builds and compiles a query anew whenever it runs, which costs several times what the database takes for it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import update_wrapper
from types import SimpleNamespace
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import ModelIterable
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=models.Model)

FIELDS: dict[type, type[models.Field[Any, Any]]] = {
    bool: models.BooleanField,
    datetime: models.DateTimeField,
    int: models.BigIntegerField,
    str: models.TextField,
    UUID: models.UUIDField,
}


class Slot(models.Expression):
    """The place of a value in a prepared query, or of one of the values of a list."""

    def __init__(self, name: str, output_field: models.Field[Any, Any], index: int | None = None) -> None:
        super().__init__(output_field)
        self.name, self.index = name, index

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Stand for itself among the parameters."""
        return "%s", [self]

    def bind(self, values: dict[str, Any], connection: Any) -> Any:
        """Return the value that takes the place."""
        value = values[self.name]
        return self.output_field.get_db_prep_value(value if self.index is None else value[self.index], connection)


@dataclass(frozen=True)
class _Compiled:
    """What is kept of a query: Django's compiler, which knows its columns, what it wrote, how values are read."""

    compiler: Any
    sql: str
    params: tuple[Any, ...]
    converters: dict[int, Any]


class _Preparing:
    """A connection to PostgreSQL whose queries the server plans once, as their values come apart from them."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def cursor(self) -> Any:
        """Return a cursor that keeps what is executed prepared."""
        from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: PLC0415  needs psycopg

        self._connection.ensure_connection()
        cursor: Any = ServerBindingCursor
        return self._connection._prepare_cursor(cursor(self._connection.connection))


class prepared(Generic[Row]):  # noqa: N801  a decorator
    """Make a function of values that returns a QuerySet one that returns its rows, as a list.

    The function is called once for each kind of database, with a `Slot` for each value, and can only put them into
    filters. The values' types are those of its annotations; `Annotated[Sequence[int], 8]` is a list of eight.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Row]]) -> None:
        update_wrapper(self, build)
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def __call__(self, **values: Any) -> list[Row]:
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor not in self._compiled:
            self._compiled[connection.vendor] = self._compile(connection)
        compiled = self._compiled[connection.vendor]
        locks = compiled.compiler.query.select_for_update and connection.features.has_select_for_update
        # As Django does when it compiles: rows would be locked for nobody.
        if locks and connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        params = [param.bind(values, connection) if isinstance(param, Slot) else param for param in compiled.params]
        # Its own copy, as threads have each their connection.
        compiler = copy(compiled.compiler)
        compiler.connection = _Preparing(connection) if connection.vendor == "postgresql" else connection
        compiler.as_sql = lambda *_args, **_options: (compiled.sql, params)
        compiler.get_converters = lambda _columns: compiled.converters
        # What Django's iterable of models asks of a QuerySet.
        query = SimpleNamespace(get_compiler=lambda **_options: compiler)
        rows: Any = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return list(ModelIterable(rows))

    def first(self, **values: Any) -> Row | None:
        """Return the first of the rows, if there is one."""
        return next(iter(self(**values)), None)

    def _compile(self, connection: Any) -> _Compiled:
        hints = get_type_hints(self._build, include_extras=True)
        slots = {name: _slots(name, hint) for name, hint in hints.items() if name != "return"}
        compiler = self._build(**slots).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
        return _Compiled(compiler, sql, tuple(params), converters)


def _slots(name: str, hint: Any) -> Slot | list[Slot]:
    if get_origin(hint) is not Annotated:
        return Slot(name, FIELDS[hint]())
    values, count = get_args(hint)
    [kind] = get_args(values)
    return [Slot(name, FIELDS[kind](), index) for index in range(count)]
