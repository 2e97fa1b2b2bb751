"""
Translations: what the interface says in Chinese and must also say in English.

``python -m zhengtong.project.translations check`` fails when a sentence has no English, or the catalog has one that nobody says;
``update`` brings the catalog up to the source, keeping what is translated. No system gettext is needed.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCE = Path(__file__).parents[1]
ENGLISH = SOURCE / "project/locale/en/LC_MESSAGES/django.po"
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_PLACE = re.compile(r"(?<!\{)\{(\w+)")
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
_KEYWORDS = {
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
#: calls whose texts are sentences for people, besides what is raised
_SPEAKERS = {
    "Finding",
    "_gap",
    "finding",
    "found",
    "flag",
    "refuse",
    "ConnectionReport",
    "Suggestion",
    "_passing",
    "_lasting",
    "_error",
    "_warning",
    "_refused",
    "tell",
    "tell_about",
}
#: names that hold one
_SPOKEN_NAMES = {"remedy", "rule", "sentence"}
#: what speaks to whoever runs the platform, in Chinese: the command line, and processes that cannot start
_OPERATORS = (
    *(f"project/{name}" for name in ("cli.py", "commands/", "demo/", "launching.py", "readiness.py", "supervisor.py", "translations.py")),
    "toolkit/environment.py",
    "toolkit/postgres/",
    "gateway/settings.py",
    "gateway/mapped.py",
    "gateway/tables.py",
)
#: where Chinese with values in it is no sentence of the interface: statutes word for word
_TEXTS = ("engines/deadlines/statute.py", "engines/deadlines/published.py", "kernel/codes/lists.py")


def spoken() -> Catalog:
    """Every sentence of templates and code, with the places where it is said."""
    catalog = Catalog(locale="en", project="zhengtong", charset="utf-8")
    for path, line, message, context in _sentences():
        catalog.add(message, locations=[(str(path.relative_to(SOURCE)), line)], context=context)
    return catalog


def _sentences() -> Iterator[tuple[Path, int, str | tuple[str, ...], str | None]]:
    for path in sorted([*SOURCE.rglob("*.html"), *SOURCE.rglob("*.py"), *SOURCE.rglob("*.txt")]):
        if "node_modules" in path.parts or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8")
        # what templatize leaves of a template is a row of calls; in parentheses its indentation means nothing
        source = text if path.suffix == ".py" else f"({templatize(text, origin=str(path))}\n)"
        for line, message, _comments, context in extract("python", BytesIO(source.encode()), keywords=_KEYWORDS):
            yield path, line, message, context
        if path.suffix == ".py":
            yield from ((path, line, sentence, None) for line, sentence in (*_errors(text), *_choices(text), *_said(path, text)))
            for line, word, name in _labels(text):
                yield path, line, word, None
                if name == "EVENT_LABELS":  # "Draft the answer" is an act, "Answer drafted" a line of a timeline
                    yield path, line, word, "event"


def _errors(text: str) -> Iterator[tuple[int, str]]:
    """The docstrings of errors: the sentences people read when nothing more particular is said."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and any(_is_code(one) for one in node.body):
            sentence = " ".join((ast.get_docstring(node) or "").split())
            if sentence and not sentence.isascii():
                yield node.lineno, sentence


def _choices(text: str) -> Iterator[tuple[int, str]]:
    """The words of a model's choices."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Choices") for base in node.bases):
            for one in ast.walk(node):
                if isinstance(one, ast.Tuple):
                    yield from _texts(one.elts)


def _labels(text: str) -> Iterator[tuple[int, str, str]]:
    """The words of code lists: rules know no gettext, so tables named ``…LABELS`` are translated where they are shown."""
    for node in ast.parse(text).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and target.id.endswith("LABELS") and isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            for one in ast.walk(node.value):
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and not one.value.isascii():
                    yield one.lineno, one.value, target.id


def _said(path: Path, text: str) -> Iterator[tuple[int, str | tuple[str, ...]]]:
    """Sentences that carry values, and those that are raised or given to a speaker; with ``count`` they have a plural."""
    if str(path.relative_to(SOURCE)).startswith(_OPERATORS):
        return
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "say" and node.args and isinstance(node.args[0], ast.Constant):
            template = str(node.args[0].value)
            yield node.lineno, (template, template) if any(one.arg == "count" for one in node.keywords) else template
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from _texts(node.exc.args)
        elif isinstance(node, ast.Call) and _called(node) in _SPEAKERS:
            yield from _texts([*node.args, *(one.value for one in node.keywords)])
        elif isinstance(node, ast.keyword) and node.arg == "remedy":
            yield from _texts([node.value])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id in _SPOKEN_NAMES:
                yield from _texts([node.value])


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _texts(nodes: Iterable[ast.expr]) -> Iterator[tuple[int, str]]:
    """Chinese texts among arguments, not those inside calls."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.isascii():
            yield node.lineno, node.value
        elif isinstance(node, ast.IfExp):
            yield from _texts([node.body, node.orelse])


def _frozen() -> Iterator[str]:
    """Sentences into which values were put before they could be translated."""
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(SOURCE))
        if name.startswith((*_OPERATORS, *_TEXTS)) or "/migrations/" in name:
            continue
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            parts = node.values if isinstance(node, ast.JoinedStr) else ()
            chinese = any(isinstance(one, ast.Constant) and _CHINESE.search(str(one.value)) for part in parts for one in ast.walk(part))
            if chinese and isinstance(node, ast.JoinedStr) and "# data:" not in lines[(node.end_lineno or node.lineno) - 1]:
                yield f"{name}:{node.lineno}: a sentence with values is made with say(), else nobody can translate it"


def _is_code(statement: ast.stmt) -> bool:
    """``code = "…"``, which every error of ours has."""
    return isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "code" and isinstance(statement.value, ast.Constant)


def check() -> list[str]:
    """What is wrong with the English catalog, one sentence a problem; empty if nothing is."""
    wanted, there = spoken(), _english()
    problems = list(_frozen())
    for message in wanted:
        if not message.id:
            continue
        found = there.get(message.id, context=message.context)
        places = ", ".join(f"{path}:{line}" for path, line in message.locations[:2])
        if found is None or not found.string or (isinstance(found.string, tuple) and not all(found.string)):
            problems.append(f"no English for {message.id!r} ({places})")
        elif found.fuzzy:
            problems.append(f"unsure English for {message.id!r} ({places})")
        else:
            problems += [f"{message.id!r}: {error}" for error in found.check(there)]
            problems += [f"{message.id!r}: {name} is not among its values" for name in sorted(_places(found.string) - _places(message.id))]
    problems += [
        f"nobody says {message.id!r}" for message in there if message.id and wanted.get(message.id, context=message.context) is None
    ]
    return problems


def _places(text: str | tuple[str, ...] | list[str]) -> set[str]:
    return set(_PLACE.findall(text if isinstance(text, str) else " ".join(text)))


def update() -> None:
    """Add what is new without English, drop what nobody says, keep the rest."""
    catalog = _english()
    catalog.update(spoken(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = "# English of the interface. Made by `python -m zhengtong.project.translations update`."
    catalog.creation_date = catalog.revision_date = _NO_DATE  # a date would change with every run
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as out:
        write_po(out, catalog, width=120, sort_output=True, no_location=True)


def _english() -> Catalog:
    if not ENGLISH.exists():
        return Catalog(locale="en", project="zhengtong", charset="utf-8")
    with ENGLISH.open("rb") as source:
        return read_po(source, locale="en")


def main(act: str) -> int:
    """Run ``check`` or ``update``; returns the exit code."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    if act == "update":
        update()
        return 0
    problems = check()
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
