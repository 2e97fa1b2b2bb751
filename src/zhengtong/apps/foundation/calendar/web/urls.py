"""Addresses of the working-day calendar."""

from django.urls import path

from zhengtong.apps.foundation.calendar.web import changing, reading

app_name = "calendar"
urlpatterns = [
    path("", reading.this_year, name="this-year"),
    path("<int:year>/", reading.year, name="year"),
    path("<int:year>/calendar.csv", reading.export, name="export"),
    path("history/", reading.history, name="history"),
    path("<int:year>/change/", changing.change, name="change"),
    path("revisions/<int:number>/undo/", changing.undo, name="undo"),
]
