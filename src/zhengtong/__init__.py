"""Zhengtong 政通: government data shared under lawful grants, so that data travels instead of people."""

__version__ = "0.1.0"
