"""Why the engine refuses a process, an act or a file."""

from __future__ import annotations

from zhengtong.kernel.errors import Conflict, Invalid


class InvalidProcess(Invalid):
    """流程的定义不合规则。"""

    code = "invalid-process"


class InvalidAct(Invalid):
    """办理的内容不完整。"""

    code = "invalid-act"


class NotAllowed(Conflict):
    """办件现在的状态不能这样办理。"""

    code = "act-not-allowed"


class CaseMoved(Conflict):
    """办件已被别人先办理了一步。"""

    code = "case-moved"


class InvalidDocument(Invalid):
    """保存的办件读不出来。"""

    code = "invalid-case-document"


class OutsideSubset(Invalid):
    """这份 BPMN 文件用了本系统不支持的写法。"""

    code = "bpmn-outside-subset"
