"""The sharing interface for systems of others."""
