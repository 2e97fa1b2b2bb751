"""
Messages that leave the platform: put down in the caller's transaction, sent by the worker.

E-mail leaves by SMTP where ``ZHENGTONG_SMTP`` names a server. In demo mode everything is written to files below ``var/messages`` instead,
one a message. An outlet that is neither is not there, which is told to whoever asks for it.

Threat model. Messages carry codes: text and address lie sealed and are emptied once sent; files are written in demo mode alone. A worker
that is killed between sending and noting it sends a message twice, never not at all; codes are made so that this does no harm.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from zhengtong.apps.foundation.notices.models import OutgoingMessage, Outlet
from zhengtong.engines.crypto.sealing import seal, unseal
from zhengtong.kernel.errors import Unavailable
from zhengtong.toolkit.keys import node_keys

log = structlog.get_logger()
_MOST_TRIES, _AT_ONCE = 5, 20
_CONTEXT = "message"


class NoOutlet(Unavailable):
    """这里还没有开通短信或邮件通道。"""

    code = "no-outlet"


def post(outlet: Outlet, *, to: str, text: str, good_until: datetime, now: datetime) -> None:
    """
    Put a message down to be sent, in the caller's transaction.

    :raises NoOutlet: if nothing leaves that way in this installation.
    """
    if _way(outlet) is None:
        raise NoOutlet(remedy="请到政务服务窗口办理,或联系系统管理员")
    key = node_keys().seal
    to_sealed, text_sealed = seal(key, to.encode(), _CONTEXT), seal(key, text.encode(), _CONTEXT)
    OutgoingMessage.objects.create(outlet=outlet, to_sealed=to_sealed, text_sealed=text_sealed, at=now, good_until=good_until)


def _way(outlet: Outlet) -> Callable[[str, str, int], None] | None:
    if settings.ENVIRONMENT.demo:
        return _write
    return _mail if outlet is Outlet.EMAIL and settings.EMAIL_HOST else None


def _write(to: str, text: str, number: int) -> None:
    folder = settings.ENVIRONMENT.var / "messages"
    folder.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(folder / f"{number:08}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{to}\n{text}\n")


def _mail(to: str, text: str, _number: int) -> None:
    EmailMessage(subject="政通", body=text, to=[to]).send()


def deliver(*, now: datetime) -> int:
    """Send what waits, each at most five times; returns how many left. Several workers share the work."""
    sent = 0
    waiting = OutgoingMessage.objects.filter(sent_at__isnull=True, good_until__gt=now, tries__lt=_MOST_TRIES).order_by("pk")
    for number in list(waiting.values_list("pk", flat=True)[:_AT_ONCE]):
        with transaction.atomic():
            row = OutgoingMessage.objects.select_for_update(skip_locked=True).filter(pk=number, sent_at__isnull=True).first()
            way = _way(Outlet(row.outlet)) if row is not None else None
            if row is None or way is None:
                continue
            key = node_keys().seal
            row.tries += 1
            try:
                way(unseal(key, row.to_sealed, _CONTEXT).decode(), unseal(key, row.text_sealed, _CONTEXT).decode(), row.pk)
            except OSError as exc:  # smtplib's errors are among them
                row.failure = type(exc).__name__
                log.warning("message not sent", outlet=row.outlet, number=row.pk, problem=row.failure)
            else:
                row.sent_at, row.failure, row.to_sealed, row.text_sealed = now, "", "", ""
                sent += 1
            row.save()
    # what came too late is nobody's business any more
    OutgoingMessage.objects.filter(sent_at__isnull=True, good_until__lte=now).exclude(text_sealed="").update(to_sealed="", text_sealed="")
    return sent
