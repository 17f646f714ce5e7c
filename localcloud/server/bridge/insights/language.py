"""The language of Logs Insights: a query as commands, their expressions as trees.

Trees are tuples: `("value", v)`, `("field", name)`, `("call", name, [tree, …])`, `("list", [tree, …])`, `("regex", pattern, flags)`.
Operators are calls of their own sign. "CloudWatch Logs Insights query syntax", Amazon CloudWatch Logs User Guide.
"""

import re
from typing import NamedTuple


class Malformed(Exception):
    """The query cannot be read; `at` is the position of what is unexpected, from 0."""

    def __init__(self, message: str, at: int):
        super().__init__(message)
        self.at = at


class Token(NamedTuple):
    kind: str
    text: str
    at: int


class Column(NamedTuple):
    """An expression with the name that it has in the answer."""

    tree: tuple
    name: str


class Command(NamedTuple):
    name: str
    #: fields, display, dedup, stats: columns. filter: one tree. sort: (tree, is descending). limit: a number.
    #: parse: the field's tree, the pattern and the names that it gives.
    body: object
    #: stats: what it groups by.
    by: tuple[Column, ...] = ()


_TOKEN = re.compile(
    r"""\s*(?:(?P<comment>\#[^\n]*)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w]))
    |(?P<span>\d+(?:ms|s|m|h|d|w|mo|q|y)\b)
    |(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    |(?P<quoted>`[^`]*`)
    |(?P<word>@?[A-Za-z_][\w]*(?:\.[\w@]+|\[\d+\])*)
    |(?P<sign><=|>=|!=|=~|[-+*/%^=<>(),|\[\]]))""",
    re.VERBOSE,
)
_REGEX = re.compile(r"\s*/((?:\\.|[^/\\])*)/([a-z]*)")

#: How strongly operators bind.
_BINDING = {"or": 1, "and": 2, "=": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "like": 4, "=~": 4, "in": 4, "not": 4}
_ARITHMETIC = {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "^": 7}
_NOT, _UNARY = 3, 8
_COMMANDS = ("fields", "display", "filter", "stats", "sort", "limit", "parse", "dedup")


class Parser:
    def __init__(self, text: str, functions: frozenset[str]):
        self.text = text
        self.functions = functions
        self.at = 0
        self.token = self._next()

    def query(self) -> list[Command]:
        commands = []
        while self.token.kind != "end":
            commands.append(self._command())
            if self.token.kind != "end":
                self._expect("|")
        return commands

    # Tokens

    def _next(self) -> Token:
        while True:
            found = _TOKEN.match(self.text, self.at)
            if not found:
                rest = self.text[self.at :]
                at = self.at + len(rest) - len(rest.lstrip())
                if not rest.strip():
                    return Token("end", "", at)
                raise Malformed(f"unexpected symbol found {self.text[at]}", at)
            self.at = found.end()
            kind = found.lastgroup or ""
            if kind != "comment":
                return Token(kind, found.group(kind), found.start(kind))

    def _advance(self) -> Token:
        token = self.token
        self.token = self._next()
        return token

    def _is(self, *texts: str) -> bool:
        return self.token.kind in ("sign", "word") and self.token.text.lower() in texts

    def _expect(self, text: str) -> Token:
        if not self._is(text):
            raise self._unexpected()
        return self._advance()

    def _unexpected(self) -> Malformed:
        if self.token.kind == "end":
            return Malformed("unexpected end of the query", self.token.at)
        return Malformed(f"unexpected symbol found {self.token.text}", self.token.at)

    # Commands

    def _command(self) -> Command:
        if not self._is(*_COMMANDS):
            raise self._unexpected()
        name = self._advance().text.lower()
        match name:
            case "fields" | "display" | "dedup":
                return Command(name, tuple(self._columns()))
            case "filter":
                return Command(name, self._expression())
            case "stats":
                columns = tuple(self._columns())
                if not self._is("by"):
                    return Command(name, columns)
                self._advance()
                return Command(name, columns, tuple(self._columns()))
            case "sort":
                return Command(name, tuple(self._orders()))
            case "limit":
                if self.token.kind != "number":
                    raise self._unexpected()
                return Command(name, int(float(self._advance().text)))
        return self._parse()

    def _columns(self):
        while True:
            start = self.token.at
            tree = self._expression()
            # Unnamed, it is called as it was written.
            name = self.text[start : self.token.at].strip().strip("`")
            if self._is("as"):
                self._advance()
                name = self._name()
            yield Column(tree, name)
            if not self._is(","):
                return
            self._advance()

    def _orders(self):
        while True:
            tree = self._expression()
            descending = self._is("desc")
            if self._is("asc", "desc"):
                self._advance()
            yield tree, descending
            if not self._is(","):
                return
            self._advance()

    def _parse(self) -> Command:
        field = ("field", "@message") if self.token.kind == "string" or self._is("/") else self._primary()
        if self._is("/"):
            _, pattern, flags = self._regex()
            # Python writes named groups with a P.
            body = (field, re.compile(pattern.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!"), flags), None)
            return Command("parse", body)
        if self.token.kind != "string":
            raise self._unexpected()
        glob = _unquoted(self._advance().text)
        self._expect("as")
        names = [self._name()]
        while self._is(","):
            self._advance()
            names.append(self._name())
        pattern = re.compile("(.*?)".join(map(re.escape, glob.split("*"))) + ("$" if glob.endswith("*") else ""), re.DOTALL)
        if pattern.groups != len(names):
            raise Malformed(f"the pattern has {pattern.groups} wildcards for {len(names)} names", self.token.at)
        return Command("parse", (field, pattern, names))

    def _name(self) -> str:
        if self.token.kind not in ("word", "quoted"):
            raise self._unexpected()
        return self._advance().text.strip("`")

    # Expressions

    def _expression(self, least: int = 0) -> tuple:
        if self._is("not"):
            self._advance()
            left = ("call", "not", [self._expression(_NOT)])
        else:
            left = self._primary()
        while True:
            sign = self.token.text.lower() if self.token.kind in ("sign", "word") else ""
            binding = _ARITHMETIC.get(sign) or _BINDING.get(sign)
            if binding is None or binding <= least:
                return left
            self._advance()
            if sign == "not":
                if not self._is("like", "in"):
                    raise self._unexpected()
                sign = self._advance().text.lower()
                left = ("call", "not", [self._operation(sign, left)])
            elif sign in ("like", "=~", "in"):
                left = self._operation(sign, left)
            else:
                left = ("call", sign, [left, self._expression(binding - 1 if sign == "^" else binding)])

    def _operation(self, sign: str, left: tuple) -> tuple:
        if sign == "in":
            self._expect("[")
            items = [self._expression()]
            while self._is(","):
                self._advance()
                items.append(self._expression())
            self._expect("]")
            return ("call", "in", [left, ("list", items)])
        right = self._regex() if self._is("/") else self._expression(_BINDING[sign])
        return ("call", "like", [left, right])

    def _regex(self) -> tuple:
        # The slash was read as a sign: what it opens is read from there again.
        found = _REGEX.match(self.text, self.token.at)
        if not found:
            raise self._unexpected()
        self.at = found.end()
        self.token = self._next()
        flags = re.IGNORECASE if "i" in found.group(2) else 0
        return ("regex", found.group(1), flags)

    def _primary(self) -> tuple:
        token = self.token
        if token.kind == "number":
            self._advance()
            return ("value", float(token.text) if re.search(r"[.eE]", token.text) else int(token.text))
        if token.kind == "span":
            self._advance()
            return ("value", token.text)
        if token.kind == "string":
            self._advance()
            return ("value", _unquoted(token.text))
        if token.kind == "quoted":
            self._advance()
            return ("field", token.text.strip("`"))
        if self._is("-"):
            self._advance()
            return ("call", "-", [("value", 0), self._expression(_UNARY)])
        if self._is("("):
            self._advance()
            inner = self._expression()
            self._expect(")")
            return inner
        if token.kind != "word":
            raise self._unexpected()
        self._advance()
        if not self._is("("):
            return ("field", token.text)
        if token.text.lower() not in self.functions:
            raise Malformed(f"unknown function {token.text}", token.at)
        self._advance()
        arguments = []
        while not self._is(")"):
            if self._is("*"):
                self._advance()
                arguments.append(("value", "*"))
            else:
                arguments.append(self._expression())
            if not self._is(")"):
                self._expect(",")
        self._advance()
        return ("call", token.text.lower(), arguments)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def parse(text: str, functions: frozenset[str]) -> list[Command]:
    """`functions`: the names of all there are, in lower case. @raises Malformed for what the language does not have"""
    return Parser(text, functions).query()
