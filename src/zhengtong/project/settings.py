"""Django settings; every value that differs between installations comes from the environment."""

SECRET_KEY = "x" * 50
INSTALLED_APPS: list[str] = []
DATABASES: dict[str, dict[str, object]] = {}
USE_TZ = True
