"""Models of exchange."""

from zhengtong.apps.flow.exchange.models.binding import Binding
from zhengtong.apps.flow.exchange.models.drop import DropFolder
from zhengtong.apps.flow.exchange.models.edition import FileEdition
from zhengtong.apps.flow.exchange.models.push import FrontDatabase, Push
from zhengtong.apps.flow.exchange.models.run import Run, RunKind, RunState

__all__ = ["Binding", "DropFolder", "FileEdition", "FrontDatabase", "Push", "Run", "RunKind", "RunState"]
