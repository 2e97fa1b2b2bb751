"""What is wrong with the files that a resource is collected from, for whoever relies on its data further on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.core.files.storage import default_storage

from zhengtong.apps.flow.exchange.models import Binding, DropFolder, FileEdition
from zhengtong.engines.dataflow.connectors.files.contents import CONTENT_LABELS, PROMISED, content_of, keeps_promise
from zhengtong.engines.dataflow.errors import UnreadableFile
from zhengtong.kernel.sentences import say


class FileFault(StrEnum):
    """What is wrong with a file."""

    #: its name promises something else than it holds
    RENAMED = "renamed"
    #: what was delivered after it was refused, so that its data is not the newest
    REFUSED = "refused"


@dataclass(frozen=True)
class FileVerdict:
    """One thing that is wrong, what to say of it, and what mends it."""

    fault: FileFault
    sentence: str
    remedy: str


def file_verdicts(resource_id: int) -> list[FileVerdict]:
    """What is wrong with the file that a resource is bound to, and with what was delivered since; none for tables."""
    rows = Binding.objects.select_related("edition").filter(resource_id=resource_id, kind=Binding.Kind.FILES)
    binding = rows.first()
    if binding is None or binding.edition is None:
        return []
    return [*_renamed(binding.edition), *_refused(binding, binding.edition)]


def _renamed(edition: FileEdition) -> list[FileVerdict]:
    try:
        content = content_of(Path(default_storage.path(edition.stored)))
    except UnreadableFile as exc:
        return [FileVerdict(FileFault.RENAMED, exc.sentence, exc.remedy)]
    if keeps_promise(edition.file_name, content):
        return []
    promised = PROMISED[Path(edition.file_name).suffix.lower()][0]
    sentence = say(
        "文件“{file}”按名称应是{promised},内容却是{content}",
        file=edition.file_name,
        promised=say(CONTENT_LABELS[promised]),
        content=say(CONTENT_LABELS[content]),
    )
    return [FileVerdict(FileFault.RENAMED, sentence, say("按真实格式另存并改正扩展名后重新提交;确属无害的,说明理由后放行"))]


def _refused(binding: Binding, edition: FileEdition) -> list[FileVerdict]:
    folder = DropFolder.objects.filter(binding=binding).exclude(refusal={}).first()
    if folder is None or datetime.fromisoformat(folder.refusal["at"]) <= edition.received_at:
        return []
    sentence = say("最近投放的文件“{file}”没有收下:{why}", file=folder.refusal["name"], why=say(folder.refusal["sentence"]))
    return [FileVerdict(FileFault.REFUSED, sentence, say("更正后重新投放;现有数据停在上一期"))]
