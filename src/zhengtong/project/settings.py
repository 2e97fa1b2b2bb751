"""Django settings. What differs between installations comes from ``toolkit.environment``; where no database is named, ours is started."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from zhengtong.apps.foundation.signon import rules as signing_on
from zhengtong.toolkit.environment import environment
from zhengtong.toolkit.keys import node_keys
from zhengtong.toolkit.postgres.embedded import EmbeddedPostgres
from zhengtong.toolkit.static_headers import static_headers

ENVIRONMENT = environment()
SOURCE = Path(__file__).parents[1]


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": query.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


DATABASE_URL = ENVIRONMENT.database_url or EmbeddedPostgres.under(ENVIRONMENT.var).start()
DATABASES = {"default": _database(DATABASE_URL)}

SECRET_KEY = node_keys().session
DEBUG = False
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
ROOT_URLCONF = "zhengtong.project.urls"
ASGI_APPLICATION = "zhengtong.project.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "identity.Account"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "oauth2_provider",
    "zhengtong.toolkit.outbox",
    "zhengtong.toolkit.ui",
    "zhengtong.apps.foundation.security",
    "zhengtong.apps.foundation.organisations",
    "zhengtong.apps.foundation.identity",
    "zhengtong.apps.foundation.signon",
    "zhengtong.apps.foundation.notices",
    "zhengtong.apps.foundation.calendar",
    "zhengtong.apps.resources.catalog",
    "zhengtong.apps.resources.quality",
    "zhengtong.apps.flow.sharing",
    "zhengtong.apps.flow.exchange",
    "zhengtong.apps.flow.opendata",
    "zhengtong.apps.flow.participation",
    "zhengtong.apps.affairs.licences",
    "zhengtong.apps.affairs.citizens",
    "zhengtong.apps.affairs.services",
    "zhengtong.apps.affairs.cases",
    "zhengtong.apps.affairs.filing",
    "zhengtong.apps.affairs.ratings",
    "zhengtong.apps.oversight.indicators",
    "zhengtong.shell",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "zhengtong.toolkit.ui.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "zhengtong.apps.foundation.signon.web.middleware.SilentAnswers",
    "zhengtong.apps.foundation.identity.web.middleware.SessionGuard",
    "zhengtong.apps.foundation.calendar.web.middleware.OneCalendar",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zhengtong.toolkit.ui.middleware.ErrorPages",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zhengtong.shell.navigation.context",
            ],
            "builtins": [
                *("zhengtong.toolkit.ui.templatetags.ui", "django.templatetags.i18n", "django.templatetags.static"),
                "zhengtong.apps.resources.catalog.web.tags",
            ],
        },
    },
]

# ------------------------------------------------------------------ sign-in (GB/T 22239-2019 §8.1.4, level 3)
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "zhengtong.toolkit.passwords.CharacterClasses"},
]
LOGIN_URL = "identity:sign-in"
LOGIN_URL_OF_PERSONS, SECURITY_URL_OF_PERSONS = "citizens:login", "citizens:security"
LOGIN_REDIRECT_URL = "shell:work"
LOGOUT_REDIRECT_URL = "identity:sign-in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "zhengtong.apps.foundation.identity.web.sign_in.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_USERNAME_FORM_FIELD = "username"
OTP_TOTP_ISSUER = "政通"
IDLE_SECONDS = 15 * 60
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.https
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "zhengtong_session", "zhengtong_csrf"
CSRF_FAILURE_VIEW = "zhengtong.toolkit.ui.errors.csrf_failure"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if ENVIRONMENT.https else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# ------------------------------------------------------------------ sign-in for other systems (OpenID Connect; RFC 9700 to the letter)
OAUTH2_PROVIDER_APPLICATION_MODEL = "signon.RelyingSystem"
OAUTH2_PROVIDER_GRANT_MODEL = "signon.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "signon.AccessToken"  # noqa: S105 - the name of a model
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "signon.RefreshToken"  # noqa: S105 - the name of a model
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "signon.IDToken"  # noqa: S105 - the name of a model
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": ENVIRONMENT.issuer,
    "OAUTH2_VALIDATOR_CLASS": "zhengtong.apps.foundation.signon.rest.validator.Validator",
    "SCOPES_BACKEND_CLASS": "zhengtong.apps.foundation.signon.rest.validator.Scopes",
    "SCOPES": signing_on.SCOPE_LABELS,
    "DEFAULT_SCOPES": ["openid"],
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "PKCE_REQUIRED": True,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": signing_on.CODE_SECONDS,
    "ACCESS_TOKEN_EXPIRE_SECONDS": signing_on.ACCESS_SECONDS,
    "ID_TOKEN_EXPIRE_SECONDS": signing_on.ID_TOKEN_SECONDS,
    "REFRESH_TOKEN_EXPIRE_SECONDS": signing_on.IDLE_REFRESH_SECONDS,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
}

# ------------------------------------------------------------------ language and time: Chinese first, English complete
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", _("English"))]
LOCALE_PATHS = [SOURCE / "project/locale"]
LANGUAGE_COOKIE_NAME = "zhengtong_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

# ------------------------------------------------------------------ files
STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.var / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MANIFEST_STRICT = False
WHITENOISE_ADD_HEADERS_FUNCTION = static_headers
MEDIA_ROOT = ENVIRONMENT.var / "files"
#: the largest file that a department may hand in for a resource, in bytes
EXCHANGE_FILE_LIMIT = 512 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# ------------------------------------------------------------------ mail: empty without a server, and then none leaves
_SMTP = urlsplit(ENVIRONMENT.smtp)
EMAIL_HOST, EMAIL_USE_SSL, EMAIL_USE_TLS = _SMTP.hostname or "", _SMTP.scheme == "smtps", _SMTP.scheme == "smtp" and bool(_SMTP.username)
EMAIL_PORT = _SMTP.port or (465 if EMAIL_USE_SSL else 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_SMTP.username or ""), unquote(_SMTP.password or "")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from

LOGGING_CONFIG = None
SILENCED_SYSTEM_CHECKS = ["security.W008"]  # redirection to HTTPS is the proxy's
