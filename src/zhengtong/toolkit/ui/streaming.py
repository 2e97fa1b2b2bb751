"""Answers that leave piece by piece, under ASGI and in tests alike, without ever lying whole in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


def stream(request: HttpRequest, pieces: Generator[bytes, None, None], *, content_type: str, filename: str) -> StreamingHttpResponse:
    """A download whose pieces are made while it runs; the generator is closed when the reader leaves."""
    content = _asynchronous(pieces) if isinstance(request, ASGIRequest) else pieces
    response = StreamingHttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _asynchronous(pieces: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    following = sync_to_async(lambda: next(pieces, None))
    try:
        while (piece := await following()) is not None:
            yield piece
    finally:
        await sync_to_async(pieces.close)()
