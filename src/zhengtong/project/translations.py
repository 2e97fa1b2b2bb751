"""
Translations: what the interface says in Chinese and must also say in English.

``python -m zhengtong.project.translations check`` fails when a sentence has no English, or the catalog has one that nobody says;
``update`` brings the catalog up to the source, keeping what is translated. No system gettext is needed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
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
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
_KEYWORDS = {
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


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
            yield from ((path, line, sentence, None) for line, sentence in (*_errors(text), *_labels(text)))


def _errors(text: str) -> Iterator[tuple[int, str]]:
    """The docstrings of errors: the sentences people read when nothing more particular is said."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and any(_is_code(one) for one in node.body):
            sentence = " ".join((ast.get_docstring(node) or "").split())
            if sentence and not sentence.isascii():
                yield node.lineno, sentence


def _labels(text: str) -> Iterator[tuple[int, str]]:
    """The words of code lists: rules know no gettext, so tables named ``…LABELS`` are translated where they are shown."""
    for node in ast.parse(text).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and target.id.endswith("LABELS") and isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            for one in ast.walk(node.value):
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and not one.value.isascii():
                    yield one.lineno, one.value


def _is_code(statement: ast.stmt) -> bool:
    """``code = "…"``, which every error of ours has."""
    return isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "code" and isinstance(statement.value, ast.Constant)


def check() -> list[str]:
    """What is wrong with the English catalog, one sentence a problem; empty if nothing is."""
    wanted, there = spoken(), _english()
    problems = []
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
    problems += [
        f"nobody says {message.id!r}" for message in there if message.id and wanted.get(message.id, context=message.context) is None
    ]
    return problems


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
