"""Addresses of the administration of regions and offices, below ``/manage/``."""

from django.urls import path

from zhengtong.apps.foundation.organisations.web import offices, outlines, regions

app_name = "organisations"
urlpatterns = [
    path("offices/", offices.offices, name="offices"),
    path("offices/add/", offices.add, name="office-add"),
    path("offices/<slug:code>/", offices.detail, name="office"),
    path("offices/<slug:code>/rename/", offices.rename, name="office-rename"),
    path("offices/<slug:code>/merge/", offices.merge, name="office-merge"),
    path("offices/<slug:code>/end/", offices.end, name="office-end"),
    path("regions/", regions.regions, name="regions"),
    path("regions/load/", regions.load, name="region-load"),
    path("regions/loads/<int:load_id>/", regions.loaded, name="region-loaded"),
    path("regions/loads/<int:load_id>/refused.csv", regions.refused, name="region-refused"),
    path("regions/outlines/", outlines.outlines, name="outlines"),
    path("regions/outlines/load/", outlines.load, name="outline-load"),
    path("regions/outlines/loads/<int:load_id>/", outlines.loaded, name="outline-loaded"),
    path("regions/outlines/loads/<int:load_id>/refused.csv", outlines.refused, name="outline-refused"),
]
