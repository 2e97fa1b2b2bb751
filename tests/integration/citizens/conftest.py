"""The register that tests of citizens ask."""

from factories.people import gateway

__all__ = ["gateway"]
