"""
Client of a Zhengtong open-data portal, in one file, for Python 3.11 and later with nothing else installed.

Generated from the OpenAPI document of the row interface; changes made here are lost.

    portal = Portal("https://open.example.gov.cn")
    for dataset in portal.datasets("school"):
        print(dataset["number"], dataset["title"])
    for row in portal.rows(12, {"name__contains": "first"}, sort=["-built"]):
        print(row)

Filters are ``{item: value}`` or ``{item__comparison: value}``; comparisons: eq, ne, in, isnull, gt, gte, lt, lte, contains, startswith.
Values of ``in`` are a list, the value of ``isnull`` is True or False.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

Filters = Mapping[str, Any]
SANDBOX = 0
"""A made-up dataset with every kind of column, for trying programs out; it refuses with ``{"provoke": "429"}`` and the like."""
FORMS = ("ndjson", "csv")
LARGEST_PAGE = 1000
STATUSES = {
    400: "refused as asked",
    401: "the key does not work",
    403: "for applicants alone, or the key was stopped",
    404: "unknown",
    406: "no such form",
    410: "withdrawn, or this version is gone",
    429: "too fast, or used up for today",
    503: "not now",
}
_BUSY = frozenset({429, 503})
_LONGEST_WAIT = 60.0
_BLOCK = 1 << 16
_LISTED = 100


class RefusedError(Exception):
    """The portal refused: ``status``, a stable ``code``, the ``message``, the ``field`` it is about, a ``remedy``, the ``request_id``."""

    def __init__(self, status: int, facts: Mapping[str, Any]) -> None:
        self.status = status
        self.code, self.field, self.remedy = (str(facts.get(name) or "") for name in ("code", "field", "remedy"))
        self.request_id = str(facts.get("request_id") or "")
        self.message = str(facts.get("message") or STATUSES.get(status, ""))
        super().__init__(" ".join(one for one in (str(status), self.code, self.field, self.message, self.remedy) if one))


class BadQuestionError(RefusedError):
    """400: what was asked cannot be answered."""


class RestrictedError(RefusedError):
    """401 or 403: these rows go to applicants alone, or the key does not open them."""


class UnknownError(RefusedError):
    """404: there is no such dataset, version or file."""


class GoneError(RefusedError):
    """410: the dataset was withdrawn, or the version that was being read is gone; begin again."""


class TooFastError(RefusedError):
    """429: asked too fast, and still after waiting."""


_ERRORS = {
    400: BadQuestionError,
    401: RestrictedError,
    403: RestrictedError,
    404: UnknownError,
    410: GoneError,
    422: BadQuestionError,
    429: TooFastError,
}


class Portal:
    """
    A portal at its address.

    :param key: the key of a grant, which opens rows and files of one dataset with conditions, or a developer's, for more questions; what is
        open needs none.
    :param language: ``en`` for refusals in English.
    :param retries: how often to ask again when the portal is busy; it says how long to wait.
    :param timeout: seconds without a byte after which a question is given up.
    """

    def __init__(
        self,
        address: str,
        *,
        key: str = "",
        language: str = "",
        retries: int = 4,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not address.startswith(("https://", "http://")):
            message = "the address begins with https:// or http://"
            raise ValueError(message)
        self.address = address.rstrip("/")
        self._key, self._language, self._retries, self._timeout, self._sleep = key, language, retries, timeout, sleep

    # ------------------------------------------------------------------ datasets
    def datasets(self, words: str = "", *, only: str = "") -> Iterator[dict[str, Any]]:
        """
        The open datasets, as CKAN's packages with their ``number`` beside.

        :param words: words to search for; all datasets without any.
        :param only: a filter such as ``groups:education`` or ``res_format:GeoJSON``.
        """
        start, total = 0, 1
        while start < total:
            asked = urlencode({"q": words, "fq": only, "sort": "id asc", "rows": _LISTED, "start": start})
            with self._open(f"/api/3/action/package_search?{asked}") as answer:
                found = json.load(answer)["result"]
            for one in found["results"]:
                yield one | {"number": int(one["name"].removeprefix("dataset-"))}
            start, total = start + _LISTED, found["count"]

    # ------------------------------------------------------------------ rows
    def describe(self, dataset: int) -> dict[str, Any]:
        """A dataset in words and figures: title, version, rows, columns, links."""
        return self._json(dataset, "", {}, {})

    def rows_page(
        self,
        dataset: int,
        filters: Filters | None = None,
        *,
        fields: Iterable[str] = (),
        distinct: bool = False,
        sort: Iterable[str] = (),
        limit: int | None = None,
        after: str = "",
        where: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """
        A page of rows: data, next (the cursor of the next page, or nothing), total, version.

        :param fields: keys, comma-separated
        :param distinct: each combination of fields once
        :param sort: keys, comma-separated; - in front: descending
        :param limit: rows of a page
        :param after: next of the page before
        :param where: JSON: {"item", "op", "value"}, {"and": […]}, {"or": […]}
        """
        return self._json(
            dataset,
            "rows",
            filters or {},
            {"fields": fields, "distinct": distinct, "sort": sort, "limit": limit, "after": after, "where": where},
        )

    def facets(
        self,
        dataset: int,
        filters: Filters | None = None,
        *,
        items: Iterable[str],
        limit: int | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """
        How often each value of some items occurs among the rows that fit: facets by item.

        :param items: keys, comma-separated
        :param limit: values of an item
        :param where: JSON: {"item", "op", "value"}, {"and": […]}, {"or": […]}
        """
        return self._json(
            dataset,
            "facets",
            filters or {},
            {"items": items, "limit": limit, "where": where},
        )

    def aggregate(
        self,
        dataset: int,
        filters: Filters | None = None,
        *,
        measures: Iterable[str] = (),
        group: Iterable[str] = (),
        sort: Iterable[str] = (),
        limit: int | None = None,
        where: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """
        Figures of the rows that fit, by group: data, more.

        :param measures: comma-separated: count, sum:key, avg:key, min:key, max:key
        :param group: keys, comma-separated
        :param sort: keys or measures such as sum_key, comma-separated; - in front: descending
        :param limit: groups
        :param where: JSON: {"item", "op", "value"}, {"and": […]}, {"or": […]}
        """
        return self._json(
            dataset,
            "aggregate",
            filters or {},
            {"measures": measures, "group": group, "sort": sort, "limit": limit, "where": where},
        )

    def schema(self, dataset: int) -> dict[str, Any]:
        """The items of a dataset with kinds, comparisons and indexes; how many rows; which version."""
        return self._json(dataset, "schema", {}, {})

    def rows(self, dataset: int, filters: Filters | None = None, *, limit: int | None = None, **asked: Any) -> Iterator[dict[str, Any]]:
        """
        All rows that fit, page after page, of one version however long it takes; takes what :meth:`rows_page` does.

        :param limit: stop after so many rows.
        """
        left, after = limit, ""
        while left is None or left > 0:
            size = LARGEST_PAGE if left is None else min(left, LARGEST_PAGE)
            page = self.rows_page(dataset, filters, **{**asked, "limit": size, "after": after})
            yield from page["data"]
            left = None if left is None else left - len(page["data"])
            after = page["next"] or ""
            if not after:
                return

    def dump(self, dataset: int, target: str | Path, filters: Filters | None = None, *, form: str = "csv", **asked: Any) -> int:
        """
        Write all rows that fit into a file, in one stream; how many bytes. The file is there when it is whole.

        :param form: one of ``FORMS``.
        """
        if form not in FORMS:
            message = f"form is one of {', '.join(FORMS)}"
            raise ValueError(message)
        return self._saved(self._path(dataset, "rows", filters or {}, {**asked, "format": form}), Path(target), keyed=True)

    def granted(self, dataset: int, name: str, target: str | Path) -> int:
        """Write a file of a dataset with conditions, which the key was given for, to ``target``; how many bytes."""
        return self._saved(f"/open/datasets/{dataset:d}/granted/{quote(name, safe='')}", Path(target), keyed=True)

    # ------------------------------------------------------------------ asking
    def _json(self, dataset: int, kind: str, filters: Filters, asked: Mapping[str, Any]) -> dict[str, Any]:
        with self._open(self._path(dataset, kind, filters, asked), keyed=True) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def _path(self, dataset: int, kind: str, filters: Filters, asked: Mapping[str, Any]) -> str:
        pairs = [(name, _text(value)) for name, value in filters.items()]
        pairs += [(name, _text(value)) for name, value in asked.items() if value is not False and value not in (None, "", (), [])]
        return f"/open/v1/datasets/{dataset:d}/{kind}" + (f"?{urlencode(pairs)}" if pairs else "")

    def _saved(self, path: str, target: Path, *, keyed: bool = False) -> int:
        part = target.with_name(f"{target.name}.part")
        with self._open(path, keyed=keyed) as answer, part.open("wb") as out:
            while block := answer.read(_BLOCK):
                out.write(block)
        part.replace(target)
        return target.stat().st_size

    def _open(self, path: str, *, keyed: bool = False) -> HTTPResponse:
        heads = {"User-Agent": "zhengtong-open/1 (Python)"}
        if self._language:
            heads["Accept-Language"] = self._language
        if keyed and self._key:
            heads["Authorization"] = f"Bearer {self._key}"
        for turn in range(self._retries + 1):
            try:
                answer: HTTPResponse = urlopen(Request(self.address + path, headers=heads), timeout=self._timeout)  # noqa: S310 - checked above
            except HTTPError as exc:
                with exc:
                    if exc.code not in _BUSY or turn == self._retries:
                        raise _ERRORS.get(exc.code, RefusedError)(exc.code, _facts(exc.read())) from None
                    wait = exc.headers.get("Retry-After") or ""
                self._sleep(min(float(wait) if wait.isdecimal() else 2.0**turn, _LONGEST_WAIT))
            else:
                return answer
        raise AssertionError  # the last turn answered or raised


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ",".join(map(_text, value))
    return str(value)


def _facts(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
