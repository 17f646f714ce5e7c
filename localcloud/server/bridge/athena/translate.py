"""Athena's SQL as DuckDB's: parsed once, its tables found and named anew, its functions rewritten."""

from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError

from . import functions_sql, zones
from .dialect import Athena
from .errors import QueryFailed


@dataclass
class TableUse:
    """A table of the catalog that a query names, and what is known of the rows it needs."""

    database: str
    name: str
    # Name that stands for it in the translated query.
    relation: str
    # Conditions on single rows that all rows have to meet, each as a tree.
    conditions: list = field(default_factory=list)


@dataclass
class Translated:
    tree: exp.Expression
    tables: list[TableUse]
    # Names of all columns that occur anywhere; None when all of them are asked for.
    columns: set[str] | None

    def for_engine(self) -> tuple[str, dict[int, str], list[tuple[str, str]]]:
        """The query's text for DuckDB; the time zones of its columns that have one, by their places; and names to look up (_aliases)."""
        tree = functions_sql.rewrite(self.tree.copy())
        return duck(tree), zones.outputs(tree), _aliases(tree)


def _aliases(tree: exp.Expression) -> list[tuple[str, str]]:
    """Names of columns that are an output's too, where Athena knows no outputs: each with a query for all columns that are there.

    DuckDB would take the output when there is no such column."""
    found = []
    for select in tree.find_all(exp.Select):
        outputs = {one.alias.lower() for one in select.expressions if isinstance(one, exp.Alias)}
        asked = [select.args.get(part) for part in ("where", "group", "having")]
        named = {column.name.lower() for part in asked if part for column in part.find_all(exp.Column) if not column.table and column.parent_select is select}
        source = select.args.get("from_")
        if not source or not outputs & named:
            continue
        everything = exp.Select(expressions=[exp.Star()], from_=source.copy(), joins=[join.copy() for join in select.args.get("joins") or []])
        above, withs = select, []
        while above is not None:
            with_ = above.args.get("with_")
            withs = [*(with_.expressions if with_ else []), *withs]
            above = above.parent
        if withs:
            everything.set("with_", exp.With(expressions=[cte.copy() for cte in withs if select not in set(cte.find_all(exp.Select))]))
        found += [(name, duck(everything)) for name in sorted(outputs & named)]
    return found


def duck(tree: exp.Expression) -> str:
    """A rewritten tree as DuckDB's text. Raises QueryFailed for what cannot be said in it."""
    try:
        return tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise QueryFailed(f"NOT_SUPPORTED: {error}") from error


def parse(sql: str) -> exp.Expression:
    """The tree of one statement. Raises QueryFailed for what is none."""
    try:
        trees = [tree for tree in sqlglot.parse(sql, read=Athena) if tree is not None]
    except SqlglotError as error:
        first = (getattr(error, "errors", None) or [{}])[0]
        where = f"line {first.get('line', 1)}:{first.get('col', 1)}"
        raise QueryFailed(f"{where}: mismatched input '{first.get('highlight', '')}'. {first.get('description', error)}") from error
    if len(trees) != 1:
        raise QueryFailed("Only one sql statement is allowed." if trees else "Query string is empty")
    return trees[0]


def bind(tree: exp.Expression, values: list[str] | None) -> exp.Expression:
    """The tree with its `?` filled in; None leaves them. Raises QueryFailed when there are more or fewer of them."""
    if values is None:
        return tree
    places = [node for node in tree.find_all(exp.Placeholder)]
    if len(places) != len(values):
        raise QueryFailed(f"Incorrect number of parameters: expected {len(places)} but found {len(values)}")
    for place, value in zip(sorted(places, key=_position), values):
        place.replace(parse(f"SELECT {value}").expressions[0].unalias())
    return tree


def _position(node) -> tuple:
    return (node._meta or {}).get("start", 0) if hasattr(node, "_meta") else 0


def translate(tree: exp.Expression, database: str, prefix: str = "t") -> Translated:
    """A query's tree for DuckDB. Its tables are called `<prefix><number>`."""
    tree = tree.copy()
    for identifier in tree.find_all(exp.Identifier):
        if not identifier.quoted:
            identifier.set("this", identifier.name.lower())
    _name_outputs(tree)
    uses: dict[tuple[str, str], list[TableUse]] = {}
    for table in list(tree.find_all(exp.Table)):
        if not isinstance(table.this, exp.Identifier) or (not table.db and _is_cte(table)):
            continue
        owner, name = (table.db or database).lower(), table.name.lower()
        if table.catalog and table.catalog.lower() not in ("awsdatacatalog", "hive"):
            raise QueryFailed(f"CATALOG_NOT_FOUND: Catalog '{table.catalog}' not found")
        alias = table.alias or table.name
        number = sum(len(found) for found in uses.values())
        use = TableUse(owner, name, f"__{prefix}{number}")
        use.conditions = _conditions(table, alias)
        uses.setdefault((owner, name), []).append(use)
        table.set("this", exp.to_identifier(use.relation))
        table.set("db", None)
        table.set("catalog", None)
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    for column in tree.find_all(exp.Column):
        column.set("db", None)
        column.set("catalog", None)
    every = any(not isinstance(star.parent, exp.Anonymous) for star in tree.find_all(exp.Star))
    columns = None if every else {column.name.lower() for column in tree.find_all(exp.Column)}
    return Translated(tree, [use for found in uses.values() for use in found], columns)


def _is_cte(table: exp.Table) -> bool:
    at = table.parent
    while at is not None:
        own = at.args.get("with_")
        for cte in own.expressions if own else []:
            if cte.alias.lower() == table.name.lower() and (own.recursive or cte is not table.find_ancestor(exp.CTE)):
                return True
        at = at.parent
    return False


def _name_outputs(tree: exp.Expression) -> None:
    """Expressions without a name are `_col0`, `_col1`, … by their place."""
    query = tree
    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    if not isinstance(query, exp.Select):
        return
    named = []
    for at, expression in enumerate(query.expressions):
        has_name = isinstance(expression, (exp.Alias, exp.Column, exp.Star)) or expression.is_star
        named.append(expression if has_name else exp.alias_(expression, f"_col{at}"))
    query.set("expressions", named)


def _conditions(table: exp.Table, alias: str) -> list[exp.Expression]:
    """Parts of the WHERE that hold for every row of the table that the query uses."""
    select = table.find_ancestor(exp.Select)
    where = select.args.get("where") if select else None
    if where is None or _may_lack(table, select):
        return []
    conditions = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
    found = []
    for condition in conditions:
        columns = list(condition.find_all(exp.Column))
        if not columns or condition.find(exp.Query):
            continue
        if all(not column.table or column.table.lower() == alias.lower() for column in columns):
            bare = condition.copy()
            for column in bare.find_all(exp.Column):
                column.set("table", None)
                column.set("db", None)
            found.append(bare)
    return found


def _may_lack(table: exp.Table, select: exp.Select) -> bool:
    """Whether an outer join has rows without the table's: what holds for those says nothing of the table's own."""
    sides = [join.side for join in select.args.get("joins") or []]
    outer = [side for side in sides if side]
    return bool(outer) and (any(side != "LEFT" for side in outer) or isinstance(table.parent, exp.Join))


def equalities(conditions: list[exp.Expression]) -> dict[str, list[str]]:
    """Constants that columns are compared with for equality, by the column's name."""
    found: dict[str, list[str]] = {}
    for condition in conditions:
        compared = _compared(condition.unnest())
        if compared is not None:
            name, given = compared
            known = found.get(name)
            found[name] = given if known is None else [value for value in known if value in given]
    return found


def _compared(condition: exp.Expression) -> tuple[str, list[str]] | None:
    """The column that a condition holds to some constants, and these; None for any other condition."""
    if isinstance(condition, exp.Or):
        one, other = _compared(condition.this.unnest()), _compared(condition.expression.unnest())
        return (one[0], one[1] + other[1]) if one and other and one[0] == other[0] else None
    if isinstance(condition, exp.EQ):
        column, values = condition.this, [condition.expression]
        if isinstance(condition.expression, exp.Column):
            column, values = condition.expression, [condition.this]
    elif isinstance(condition, exp.In) and condition.expressions:
        column, values = condition.this, condition.expressions
    else:
        return None
    texts = [_constant(value) for value in values]
    return (column.name.lower(), texts) if isinstance(column, exp.Column) and None not in texts else None


def _constant(node: exp.Expression) -> str | None:
    if isinstance(node, exp.Literal):
        return node.name
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return f"-{node.this.name}"
    return _constant(node.this) if isinstance(node, (exp.Paren, exp.Cast)) else None
