"""Models of persons, of the registers asked about them, and of rights to act for others."""

from zhengtong.apps.affairs.citizens.models.code import SentCode
from zhengtong.apps.affairs.citizens.models.objection import Objection
from zhengtong.apps.affairs.citizens.models.person import Failure, Person, RegisterToAsk
from zhengtong.apps.affairs.citizens.models.right import ActingRight

__all__ = ["ActingRight", "Failure", "Objection", "Person", "RegisterToAsk", "SentCode"]
