"""Addresses of indicators: for everybody under ``open/score/``, papers under ``work/score/``."""

from django.urls import path

from zhengtong.apps.oversight.indicators.web import keeping, pages

app_name = "indicators"
urlpatterns = [
    path("open/score/", pages.overview, name="score"),
    path("open/score/offices.csv", pages.offices_csv, name="score-offices-csv"),
    path("open/score/offices/<str:code>/", pages.office, name="score-office"),
    path("open/score/datasets/", pages.datasets, name="score-datasets"),
    path("work/score/evidence/", keeping.evidence, name="evidence"),
    path("work/score/evidence/<int:number>/remove/", keeping.remove, name="evidence-remove"),
]
