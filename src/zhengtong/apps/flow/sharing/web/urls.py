"""Addresses of sharing."""

from django.urls import path

from zhengtong.apps.flow.sharing.web import acts, answer, applications, basket, grants, trying

app_name = "sharing"
urlpatterns = [
    path("share/basket/", basket.basket, name="basket"),
    path("share/basket/put/<int:resource_id>/", basket.put, name="basket-put"),
    path("share/basket/take/<int:resource_id>/", basket.take, name="basket-take"),
    path("share/apply/", basket.apply, name="apply"),
    path("share/check/", basket.check, name="check"),
    path("share/applications/", applications.mine, name="applications"),
    path("share/applications/<str:number>/", applications.detail, name="application"),
    path("share/applications/<str:number>/why/", applications.why, name="why"),
    path("share/applications/<str:number>/receipt/", applications.receipt, name="receipt"),
    path("share/applications/<str:number>/edit/", basket.edit, name="edit"),
    path("share/applications/<str:number>/propose/", answer.propose, name="propose"),
    path("share/applications/<str:number>/<slug:name>/", acts.act, name="act"),
    path("share/grants/", grants.held, name="grants"),
    path("share/grants/<str:number>/", grants.detail, name="grant"),
    path("share/grants/<str:number>/document.json", grants.document, name="document"),
    path("share/grants/<str:number>/try/", trying.console, name="try"),
    path("share/grants/<str:number>/do/<slug:name>/", grants.act, name="grant-act"),
    path("work/answers/", applications.received, name="received"),
    path("work/grants/", grants.given, name="given"),
]
