"""The addresses of the interface for docked systems."""

from django.urls import path

from zhengtong.apps.affairs.cases.rest import docking

app_name = "casesrest"
urlpatterns = [
    path("api/cases/v1/openapi.json", docking.description, name="openapi"),
    path("api/cases/v1/visits", docking.visits, name="visits"),
    path("api/cases/v1/visits/<int:visit>/application", docking.application, name="application"),
    path("api/cases/v1/visits/<int:visit>/acts", docking.acts, name="acts"),
]
