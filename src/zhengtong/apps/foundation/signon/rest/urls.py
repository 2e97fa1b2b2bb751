"""
Addresses of OpenID Connect that programs call. They and :data:`web.urls.asked` bear the names that the toolkit looks for, in its namespace.
"""

from django.urls import path

from zhengtong.apps.foundation.signon.rest import endpoints

called = [
    path(".well-known/openid-configuration", endpoints.discovery, name="oidc-connect-discovery-info"),
    path("oauth/jwks", endpoints.keys, name="jwks-info"),
    path("oauth/token", endpoints.token, name="token"),
    path("oauth/userinfo", endpoints.userinfo, name="user-info"),
    path("oauth/revoke", endpoints.revoke, name="revoke-token"),
]
