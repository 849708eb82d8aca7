"""Public functions say which errors they raise."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from paths import ROOT

SOURCES = sorted(path for package in ("models", "optimizer") for path in (ROOT / package).rglob("*.py"))
OF_THE_PROGRAMMER = {"NotImplementedError", "AssertionError"}  # no caller handles these


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """What a function does itself, without the functions and classes inside it."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield node
            yield from own_nodes(node)


def raised(function: ast.FunctionDef) -> set[str]:
    """Names of the errors that a function's own `raise` statements make."""
    made = [node.exc for node in own_nodes(function) if isinstance(node, ast.Raise) and node.exc is not None]
    names = {ast.unparse(one.func if isinstance(one, ast.Call) else one).rpartition(".")[2] for one in made}
    return {name for name in names if name[0].isupper()} - OF_THE_PROGRAMMER


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Functions of the module and methods of its classes that others may call, commands of click aside."""
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name[0] != "_")]
    for node in (node for body in bodies for node in body):
        is_command = isinstance(node, ast.FunctionDef) and any("command" in ast.unparse(d) for d in node.decorator_list)
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not is_command:
            yield node


def test_public_functions_say_what_they_raise() -> None:
    silent = {
        f"{path.relative_to(ROOT)}: {function.name}": sorted(missing)
        for path in SOURCES
        for function in public_functions(ast.parse(path.read_text()))
        if (missing := {name for name in raised(function) if name not in (ast.get_docstring(function) or "")})
    }
    assert silent == {}
