"""Models of sharing."""

from zhengtong.apps.flow.sharing.models.application import Application, ApplicationEvent, BasketLine, PurposeTemplate
from zhengtong.apps.flow.sharing.models.grant import Grant, GrantStanding
from zhengtong.apps.flow.sharing.models.rung import FiredRung

__all__ = ["Application", "ApplicationEvent", "BasketLine", "FiredRung", "Grant", "GrantStanding", "PurposeTemplate"]
