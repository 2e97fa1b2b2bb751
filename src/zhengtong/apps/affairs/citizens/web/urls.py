"""Addresses of one's own space, and of the setting of registers."""

from django.urls import path

from zhengtong.apps.affairs.citizens.web import claims, contact, entering, home, objections, registers, rights

app_name = "citizens"
urlpatterns = [
    path("me/", home.home, name="home"),
    path("me/login/", entering.login, name="login"),
    path("me/register/", entering.register, name="register"),
    path("me/check/", home.check, name="check"),
    path("me/security/", home.own_security, name="security"),
    path("me/contact/<slug:channel>/", contact.contact, name="contact"),
    path("me/recover/", contact.recover, name="recover"),
    path("me/recover/code/", contact.recover_code, name="recover-code"),
    path("me/readers/", home.readers, name="readers"),
    path("me/readers/<str:entry>/object/", objections.make, name="object"),
    path("me/objections/", objections.own, name="objections"),
    path("me/objections/<int:number>/", objections.one, name="objection"),
    path("work/objections/", objections.desk, name="desk-objections"),
    path("work/objections/<int:number>/", objections.desk_one, name="desk-objection"),
    path("me/readers.json", home.readers_json, name="readers-json"),
    path("me/rights/", rights.rights, name="rights"),
    path("me/rights/company/", rights.bind_company, name="company-bind"),
    path("me/rights/guardian/", rights.add_guardian, name="guardian-add"),
    path("me/rights/agent/", rights.give_agent, name="agent-give"),
    path("me/rights/<int:right_id>/delegate/", rights.give_delegate, name="delegate-give"),
    path("me/rights/<int:right_id>/answer/", rights.answer, name="right-answer"),
    path("me/rights/<int:right_id>/revoke/", rights.revoke, name="right-revoke"),
    path("me/acting/", rights.acting, name="acting"),
    path("work/rights/", claims.claims, name="claims"),
    path("work/rights/<int:right_id>/", claims.claim, name="claim"),
    path("manage/registers/", registers.registers, name="registers"),
    path("manage/registers/<slug:source>/", registers.set_register, name="register-set"),
]
