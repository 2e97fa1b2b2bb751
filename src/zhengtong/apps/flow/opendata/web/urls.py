"""Addresses of opening data: the portal under ``open/``, the desk under ``work/openings/``."""

from django.urls import path

from zhengtong.apps.flow.opendata.web import downloads, planning, portal, proposing, replying, requesting, working

app_name = "opendata"
urlpatterns = [
    path("open/", portal.front, name="front"),
    path("open/datasets/", portal.listed, name="datasets"),
    path("open/datasets/<int:number>/", portal.dataset, name="dataset"),
    path("open/datasets/<int:number>/versions/<int:version>/", portal.version, name="version"),
    path("open/datasets/<int:number>/versions/<int:version>/<str:name>", downloads.file, name="file"),
    path("open/datasets/<int:number>/apply/", requesting.apply, name="apply"),
    path("open/datasets/<int:number>/granted/<str:name>", requesting.granted, name="granted"),
    path("open/requests/", requesting.enter, name="enter"),
    path("open/requests/<str:number>/", requesting.own, name="own-request"),
    path("open/requests/<str:number>/act/", requesting.own_act, name="own-act"),
    path("open/plan/", planning.this_year, name="plan-now"),
    path("open/plan/<int:year>/", planning.public, name="public-plan"),
    path("open/plan/<int:year>/export/", planning.export, name="public-plan-csv"),
    path("work/openings/plans/", planning.listed, name="plans"),
    path("work/openings/plans/<int:number>/", planning.detail, name="plan"),
    path("work/openings/plans/<int:number>/act/", planning.act, name="plan-act"),
    path("work/openings/closed/", planning.closed, name="closed"),
    path("work/openings/closed/<int:resource_id>/", planning.explain, name="explain-closed"),
    path("work/openings/requests/", replying.listed, name="requests"),
    path("work/openings/requests/export/", replying.export, name="requests-export"),
    path("work/openings/requests/<str:number>/", replying.detail, name="request"),
    path("work/openings/requests/<str:number>/act/", replying.act, name="request-act"),
    path("work/openings/", working.listed, name="openings"),
    path("work/openings/<int:number>/", working.detail, name="opening"),
    path("work/openings/<int:number>/progress/", working.progress, name="opening-progress"),
    path("work/openings/<int:number>/act/", working.act, name="opening-act"),
    path("work/openings/<int:number>/overrule/", working.overrule, name="opening-overrule"),
    path("work/openings/propose/<int:resource_id>/", proposing.propose, name="propose"),
]
