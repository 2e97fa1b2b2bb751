"""Addresses of the administration of relying systems, and of one's own sign-ons."""

from django.urls import path

from zhengtong.apps.foundation.signon.web import authorize, logout, manage, own

#: where systems send people, in the namespace of the toolkit (``rest.urls``)
asked = [
    path("oauth/authorize", authorize.authorize, name="authorize"),
    path("oauth/logout", logout.logout, name="rp-initiated-logout"),
    path("oauth/logout/confirmed", logout.confirmed, name="logout-confirmed"),
]
app_name = "signon"
urlpatterns = [
    path("account/signed-on/", own.signed_on, name="signed-on"),
    path("account/signed-on/<slug:client_id>/end/", own.sign_off, name="sign-off"),
    path("manage/signon/", manage.systems, name="systems"),
    path("manage/signon/add/", manage.propose, name="system-add"),
    path("manage/signon/<slug:client_id>/", manage.system, name="system"),
    path("manage/signon/<slug:client_id>/change/", manage.propose, name="system-change"),
    path("manage/signon/<slug:client_id>/active/", manage.set_active, name="system-active"),
    path("manage/signon/<slug:client_id>/secrets/add/", manage.add_secret, name="secret-add"),
    path("manage/signon/<slug:client_id>/secrets/<slug:secret_id>/revoke/", manage.revoke_secret, name="secret-revoke"),
    path("manage/signon/<slug:client_id>/proposals/<int:proposal_id>/withdraw/", manage.withdraw, name="proposal-withdraw"),
    path("manage/signon/<slug:client_id>/proposals/<int:proposal_id>/decide/", manage.decide, name="proposal-decide"),
]
