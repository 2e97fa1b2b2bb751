"""The address of the sharing interface."""

from django.urls import path

from zhengtong.apps.affairs.licences.rest import elssp

app_name = "licencesrest"
urlpatterns = [path("elssp/v1/<str:operation>", elssp.answer, name="elssp")]
