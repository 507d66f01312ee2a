"""CloudWatch's metric math, as far as alarms and comparisons of releases use it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html. Python's grammar reads the
expressions, which differ from Python in `^`, `&&`, `||`, AND and OR alone; what is not known raises.
"""

import ast
import itertools
import operator
import re
from collections.abc import Callable, Mapping, Sequence

from rehearsal.emulator.engines.metrics import Series

Value = Series | float | list[Series | float]
BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.BitXor: operator.pow,
}
COMPARE: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
REDUCE: Mapping[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "MAX": max,
    "MIN": min,
    "AVG": lambda values: sum(values) / len(values),
}


class ExpressionError(Exception):
    """An expression that is not understood here."""


def evaluated(expression: str, known: Mapping[str, Series], *, grid: Sequence[int], period: int) -> Series:
    """Return the series of an expression over others, by ID; `grid` are the periods that are asked for."""
    text = re.sub(r"\bAND\b|&&", " and ", re.sub(r"\bOR\b|\|\|", " or ", expression))
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"{expression}: {error}") from error
    value = _Evaluation(known, grid, period).value(tree)
    if isinstance(value, list):
        raise ExpressionError(f"{expression}: an array is no result")
    return value if isinstance(value, dict) else dict.fromkeys(grid, value)


class _Evaluation:
    def __init__(self, known: Mapping[str, Series], grid: Sequence[int], period: int) -> None:
        self._known, self._grid, self._period = known, grid, period

    def value(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return float(node.value)
        if isinstance(node, ast.Name) and node.id in self._known:
            return self._known[node.id]
        if isinstance(node, ast.List):
            return [self._plain(item) for item in node.elts]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return _combined(operator.mul, self._plain(node.operand), -1.0)
        if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
            return _combined(BINARY[type(node.op)], self._plain(node.left), self._plain(node.right))
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARE:
            return _combined(COMPARE[type(node.ops[0])], self._plain(node.left), self._plain(node.comparators[0]))
        if isinstance(node, ast.BoolOp):
            join = (
                (lambda a, b: float(bool(a and b)))
                if isinstance(node.op, ast.And)
                else (lambda a, b: float(bool(a or b)))
            )
            first, *rest = (self._plain(value) for value in node.values)
            for other in rest:
                first = _combined(join, first, other)
            return first
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node.func.id.upper(), node.args)
        raise ExpressionError(f"{ast.unparse(node)} is not understood here")

    def _call(self, name: str, arguments: list[ast.expr]) -> Value:
        if name == "METRICS" and not arguments:
            return list(self._known.values())
        if name == "PERIOD":
            return float(self._period)
        if name in ("FILL", "DIFF"):
            return self._of_a_series(name, arguments)
        if name == "IF":
            return self._choice(*(self._plain(argument) for argument in arguments))
        if name == "ABS":
            return _combined(lambda a, _: abs(a), self._plain(arguments[0]), 0.0)
        if name in REDUCE and len(arguments) == 1:
            many = self.value(arguments[0])
            if not isinstance(many, list):
                raise ExpressionError(f"{name} takes an array here")
            return self._reduced(REDUCE[name], many)
        raise ExpressionError(f"{name} is not understood here")

    def _of_a_series(self, name: str, arguments: list[ast.expr]) -> Series:
        series = self._plain(arguments[0])
        if not isinstance(series, dict):
            raise ExpressionError(f"{name} takes a metric here")
        if name == "DIFF":
            return {later: series[later] - series[earlier] for earlier, later in itertools.pairwise(sorted(series))}
        filling = self._plain(arguments[1])
        if not isinstance(filling, float):
            raise ExpressionError("FILL takes a number here")
        return {moment: series.get(moment, filling) for moment in self._grid}

    def _choice(self, condition: Series | float, then: Series | float, other: Series | float | None = None) -> Value:
        moments = [one for one in self._grid if not isinstance(condition, dict) or one in condition]
        result: Series = {}
        for moment in moments:
            branch = then if _at(condition, moment) else other
            value = None if branch is None else _at(branch, moment)
            if value is not None:
                result[moment] = value
        return result

    def _reduced(self, reduce: Callable[[Sequence[float]], float], many: list[Series | float]) -> Value:
        result: Series = {}
        for moment in self._grid:
            present = [value for one in many if (value := _at(one, moment)) is not None]
            if present:
                result[moment] = reduce(present)
        return result

    def _plain(self, node: ast.expr) -> Series | float:
        value = self.value(node)
        if isinstance(value, list):
            raise ExpressionError(f"{ast.unparse(node)}: an array is not understood here")
        return value


def _at(value: Series | float, moment: int) -> float | None:
    return value.get(moment) if isinstance(value, dict) else value


def _combined(join: Callable[[float, float], float], left: Series | float, right: Series | float) -> Series | float:
    """Join two values; where a series has nothing, or a division has no result, there is no datapoint."""
    if not isinstance(left, dict) and not isinstance(right, dict):
        return float(join(left, right))
    moments = (left if isinstance(left, dict) else right).keys()  # type: ignore[union-attr]  # one of them is a series
    result: Series = {}
    for moment in moments:
        a, b = _at(left, moment), _at(right, moment)
        if a is None or b is None:
            continue
        try:
            result[moment] = float(join(a, b))
        except ZeroDivisionError:
            continue
    return result
