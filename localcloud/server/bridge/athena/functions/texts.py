"""Texts, regular expressions, URLs and binary values ("String functions and operators" and others, Trino's documentation)."""

import re

from sqlglot import exp

from ..errors import QueryFailed
from .building import call, literal, made, overloaded, text, with_arity

# What Trino takes for white space.
BLANKS = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
_URL = "'^[a-zA-Z][a-zA-Z0-9+.-]*:"
_TIMES = "strftime(x, '%Y-%m-%d %H:%M:%S.%g"

MACROS = {
    # As CAST(x AS varchar) says it: doubles with an exponent, times with milliseconds.
    "text": "(t VARCHAR, x) AS CASE WHEN typeof(x) = 'JSON' THEN presto__json_text(x) ELSE x::VARCHAR END, (t DATE, x) AS x::VARCHAR, (t BIGINT, x) AS x::VARCHAR, (t BOOLEAN, x) AS x::VARCHAR, (t DOUBLE, x) AS presto__exponential(x), "
    f"(t FLOAT, x) AS presto__exponential(x), (t DECIMAL, x) AS x::VARCHAR, (t TIMESTAMP, x) AS {_TIMES}'), (t TIMESTAMPTZ, x) AS {_TIMES} UTC'), "
    "(t TIME, x) AS strftime(DATE '2000-01-01' + x, '%H:%M:%S.%g'), (t BLOB, x) AS decode(x), (t, x) AS x::VARCHAR",
    "exponential": "(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END "
    "ELSE presto__scientific(x::VARCHAR) END",
    # Figures and exponent of a number's shortest text, as `0.0###E0` would print it.
    "scientific": "(t) AS presto__figures(regexp_extract(t, '^-', 0), string_split(regexp_extract(t, '[0-9.]+', 0) || '.', '.')[1], "
    "string_split(regexp_extract(t, '[0-9.]+', 0) || '.', '.')[2], coalesce(try_cast(regexp_extract(t, 'e(.*)$', 1) AS INTEGER), 0))",
    "figures": "(s, w, f, e) AS CASE WHEN ltrim(w || f, '0') = '' THEN s || '0.0E0' ELSE s || left(ltrim(w || f, '0'), 1) || '.' || "
    "CASE WHEN rtrim(substring(ltrim(w || f, '0'), 2), '0') = '' THEN '0' ELSE rtrim(substring(ltrim(w || f, '0'), 2), '0') END || 'E' || "
    "(e + length(w) - 1 - (length(w || f) - length(ltrim(w || f, '0')))) END",
    "codepoint": "(t) AS unicode(t)",
    "replace": "(t, a) AS replace(t, a, ''), (t, a, b) AS replace(t, a, b)",
    "split": "(t, sep) AS string_split(t, sep), (t, sep, n) AS CASE WHEN len(string_split(t, sep)) <= n THEN string_split(t, sep) "
    "ELSE list_append(string_split(t, sep)[1 : n - 1], array_to_string(string_split(t, sep)[n :], sep)) END",
    "split_part": "(t, sep, n) AS CASE WHEN n > 0 THEN string_split(t, sep)[n] "
    "WHEN CAST('presto!INVALID_FUNCTION_ARGUMENT: Index must be greater than zero' || left(t, 0) AS BOOLEAN) THEN NULL END",
    "split_to_map": "(t, entries, pairs) AS map_from_entries(list_transform(string_split(t, entries), "
    "lambda entry: {'key': split_part(entry, pairs, 1), 'value': substring(entry, strpos(entry, pairs) + length(pairs))}))",
    "strpos": "(t, part) AS strpos(t, part), (t, part, n) AS CASE WHEN len(string_split(t, part)) <= n THEN 0 "
    "ELSE length(array_to_string(string_split(t, part)[1 : n], part)) + 1 END",
    "substr": "(t, start) AS CASE WHEN start = 0 OR -start > length(t) THEN '' ELSE substring(t, start) END, "
    "(t, start, n) AS CASE WHEN start = 0 OR -start > length(t) THEN '' ELSE substring(t, start, n) END",
    "reverse": "(t VARCHAR) AS reverse(t), (t) AS list_reverse(t)",
    "concat_ws": "(sep, parts VARCHAR[]) AS array_to_string(parts, sep), (sep, part VARCHAR) AS concat_ws(sep, part)",
    "hamming_distance": "(a, b) AS hamming(a, b)",
    "levenshtein_distance": "(a, b) AS levenshtein(a, b)",
    "normalize": "(t) AS nfc_normalize(t)",
    "regexp_like": "(t, p) AS regexp_matches(t, p)",
    "regexp_extract": "(t, p) AS CASE WHEN regexp_matches(t, p) THEN regexp_extract(t, p) END, "
    "(t, p, g) AS CASE WHEN regexp_matches(t, p) THEN regexp_extract(t, p, g) END",
    "regexp_extract_all": "(t, p) AS regexp_extract_all(t, p), (t, p, g) AS regexp_extract_all(t, p, g)",
    "regexp_count": "(t, p) AS len(regexp_extract_all(t, p))",
    "regexp_split": "(t, p) AS string_split_regex(t, p)",
    "md5": "(b) AS unhex(md5(b))",
    "sha1": "(b) AS unhex(sha1(b))",
    "sha256": "(b) AS unhex(sha256(b))",
    "to_hex": "(b) AS hex(b)",
    "from_hex": "(t) AS unhex(t)",
    "to_utf8": "(t) AS encode(t)",
    "from_utf8": "(b) AS decode(b)",
    "length": "(t VARCHAR) AS length(t), (t BLOB) AS octet_length(t)",
    "url_extract_fragment": "(url) AS nullif(regexp_extract(url, '#(.*)$', 1), '')",
    "url_extract_host": f"(url) AS nullif(regexp_extract(url, {_URL}//(?:[^/?#@]*@)?([^/?#:]*)', 1), '')",
    "url_extract_parameter": "(url, name) AS CASE WHEN regexp_matches(url, '[?&]' || name || '(=|&|#|$)') "
    "THEN url_decode(regexp_extract(url, '[?&]' || name || '=?([^&#]*)', 1)) END",
    "url_extract_path": f"(url) AS regexp_extract(url, {_URL}//[^/?#]*([^?#]*)', 1)",
    "url_extract_port": f"(url) AS try_cast(nullif(regexp_extract(url, {_URL}//[^/?#]*:([0-9]+)', 1), '') AS BIGINT)",
    "url_extract_protocol": "(url) AS nullif(regexp_extract(url, '^([a-zA-Z][a-zA-Z0-9+.-]*):', 1), '')",
    "url_extract_query": "(url) AS nullif(regexp_extract(url, '[?]([^#]*)', 1), '')",
    # Java's URLEncoder: a blank is a plus, and a star stays.
    "url_encode": "(t) AS replace(replace(replace(url_encode(t), '%20', '+'), '%2A', '*'), '~', '%7E')",
    "url_decode": "(t) AS url_decode(replace(t, '+', '%20'))",
}  # fmt: skip

SAME = {
    "chr": "chr", "lower": "lower", "upper": "upper", "lpad": "lpad", "rpad": "rpad", "starts_with": "starts_with", "translate": "translate",
    "to_base64": "to_base64", "from_base64": "from_base64", "uuid": "uuid",
}  # fmt: skip


def _concat(arguments):
    made_of = arguments[0].copy()
    for argument in arguments[1:]:
        made_of = overloaded("join", exp.Literal.number(0), made_of, argument)
    return exp.null() if any(isinstance(argument, exp.Null) for argument in arguments) else made_of


def _concat_ws(arguments):
    return call("presto__concat_ws" if len(arguments) == 2 else "concat_ws", *arguments)


def _trim(name: str):
    def build(arguments):
        with_arity(name, arguments, 1)
        return made(f"{name}(:text, {BLANKS})", text=arguments[0])

    return build


def _regexp_replace(arguments):
    """Java's replacement has groups as `$1`, and a backslash before what stands for itself."""
    with_arity("regexp_replace", arguments, 2, 3)
    if len(arguments) == 2:
        return call("regexp_replace", *arguments, literal(""), literal("g"))
    replacement = arguments[2]
    if isinstance(replacement, exp.Lambda):
        raise QueryFailed("NOT_SUPPORTED: regexp_replace with a function is not supported on the local cloud")
    if not isinstance(replacement, exp.Literal):
        there = made(r"regexp_replace(replace(:new, '\', '\\'), '\$(\d)', '\\\1', 'g')", new=replacement)
        return call("regexp_replace", arguments[0], arguments[1], there, literal("g"))

    def part(found):
        group, escaped, other = found.groups()
        if group is not None:
            return "\\" + group
        if found.group(0).startswith("$"):
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT: Illegal replacement sequence: named groups are not supported on the local cloud")
        character = escaped if escaped is not None else other
        return "\\\\" if character == "\\" else character

    there = re.sub(r"\$(\d)|\\(.)|(\$|.)", part, replacement.name, flags=re.DOTALL)
    return call("regexp_replace", arguments[0], arguments[1], literal(there), literal("g"))


_SPEC = re.compile(r"%(?:(\d+)\$)?([-,+0 (#]*)(\d+)?(\.\d+)?([a-zA-Z%])")


def _format(arguments):
    """Java's Formatter, for what is no date."""
    pattern = text(arguments[0], "the pattern of format")
    pieces, at, place = [], 0, 0
    for found in _SPEC.finditer(pattern):
        pieces.append(literal(pattern[at : found.start()]))
        at = found.end()
        number, flags, width, precision, kind = found.groups()
        if kind in "%n":
            pieces.append(literal("%" if kind == "%" else "\n"))
            continue
        place += number is None
        index = int(number) if number else place
        if index >= len(arguments):
            raise QueryFailed(f"INVALID_FUNCTION_ARGUMENT: Invalid format string: {pattern} (Format specifier '{found.group(0)}')")
        pieces.append(_formatted(arguments[index], flags, width or "", precision or "", kind))
    pieces.append(literal(pattern[at:]))
    if "%" in _SPEC.sub("", pattern):
        raise QueryFailed(f"INVALID_FUNCTION_ARGUMENT: Invalid format string: {pattern}")
    return _concat([piece for piece in pieces if not isinstance(piece, exp.Literal) or piece.name] or [literal("")])


def _formatted(value, flags: str, width: str, precision: str, kind: str):
    spec = f"%{flags}{width}{precision}"
    if "(" in flags or "#" in flags:
        raise QueryFailed(f"NOT_SUPPORTED: format's '{flags}' is not supported on the local cloud")
    if kind in "sSbB":
        shown = call("coalesce", overloaded("text", value, value), literal("null"))
        shown = call("upper", shown) if kind in "SB" else shown
        shown = made(f"left(:shown, {precision[1:]})", shown=shown) if precision else shown
        return call("printf", literal(f"%{flags}{width}s"), shown) if width else shown
    if kind in "dxXo":
        cast = exp.cast(exp.paren(value.copy()), "BIGINT")
        return made("coalesce(:shown, 'null')", shown=call("printf", literal(spec + kind), cast))
    if kind in "feE":
        cast = exp.cast(exp.paren(value.copy()), "DOUBLE")
        return made("coalesce(:shown, 'null')", shown=call("printf", literal((spec if precision else spec + ".6") + kind), cast))
    raise QueryFailed(f"NOT_SUPPORTED: format's '%{kind}' is not supported on the local cloud")


BUILDERS = {
    "concat": _concat,
    "concat_ws": _concat_ws,
    "trim": _trim("trim"),
    "ltrim": _trim("ltrim"),
    "rtrim": _trim("rtrim"),
    "regexp_replace": _regexp_replace,
    "format": _format,
    "substring": lambda arguments: call("presto__substr", *arguments),
    "position": lambda arguments: call("strpos", *arguments),
}  # fmt: skip
