"""Addresses of cases."""

from django.urls import path

from zhengtong.apps.affairs.cases.web import acts, bulk, case, docking, lists, templates

app_name = "cases"
urlpatterns = [
    path("work/cases/", lists.work, name="work"),
    path("work/cases/export.csv", lists.export, name="export"),
    path("work/cases/find/", lists.find, name="find"),
    path("work/cases/several/", bulk.several, name="several"),
    path("work/cases/docking/", docking.listed, name="docking"),
    path("work/cases/docking/new/", docking.new, name="docking-new"),
    path("work/cases/docking/<int:docking>/end/", docking.end, name="docking-end"),
    path("work/cases/docking/send/<int:delivery>/", docking.send, name="docking-send"),
    path("work/cases/processes/", templates.listed, name="processes"),
    path("work/cases/processes/import/", templates.take, name="process-import"),
    path("work/cases/processes/<str:code>/assign/", templates.assign, name="process-assign"),
    path("work/cases/processes/<str:code>/publish/", templates.publish, name="process-publish"),
    path("work/cases/processes/<str:code>/<int:version>/", templates.detail, name="process"),
    path("work/cases/processes/<str:code>/<int:version>/process.bpmn", templates.file, name="process-file"),
    path("work/cases/one/<str:number>/", case.detail, name="case"),
    path("work/cases/one/<str:number>/application/", case.application, name="application"),
    path("work/cases/one/<str:number>/why/<int:visit>/", case.why, name="why"),
    path("work/cases/one/<str:number>/letters/<str:letter>.pdf", case.letter, name="letter"),
    path("work/cases/one/<str:number>/do/<int:visit>/<slug:kind>/", acts.act, name="act"),
]
