"""Addresses of filing."""

from django.urls import path

from zhengtong.apps.affairs.filing.web import citizen, desks, halls, window

app_name = "filing"
_AT = "work/window/visits/<uuid:visit>/"
_FILED = _AT + "<uuid:public>/"
_DRAFT = "me/apply/<slug:code>/<uuid:public>/"
urlpatterns = [
    path("me/filings/", citizen.listed, name="listed"),
    path("me/apply/<slug:code>/", citizen.begin, name="begin"),
    path(_DRAFT + "materials/", citizen.materials, name="materials"),
    path(_DRAFT + "materials/<int:number>/", citizen.material, name="material"),
    path(_DRAFT + "check/", citizen.check, name="check"),
    path(_DRAFT + "refused/", citizen.refused, name="refused"),
    path(_DRAFT + "receipt/", citizen.receipt, name="receipt"),
    path(_DRAFT + "drop/", citizen.drop, name="drop"),
    path(_DRAFT + "files/<uuid:upload>/", citizen.file, name="file"),
    path(_DRAFT + "questions/<slug:page>/", citizen.page, name="page"),
    path("me/appointments/", halls.appointments, name="appointments"),
    path("me/appointments/<slug:code>/", halls.book, name="book"),
    path("me/appointments/<uuid:public>/cancel/", halls.cancel, name="appointment-cancel"),
    path("halls/<slug:code>/display/", halls.display, name="hall-display"),
    path("work/window/", window.home, name="window"),
    path("work/window/receive/", window.receive, name="window-receive"),
    path("work/window/halls/new/", halls.add, name="hall-add"),
    path("work/window/halls/<slug:code>/", halls.queue, name="hall"),
    path(_AT, window.visit, name="window-visit"),
    path(_AT + "end/", window.end, name="window-end"),
    path(_AT + "apply/<slug:code>/", window.begin, name="window-begin"),
    path(_FILED + "materials/", window.materials, name="window-materials"),
    path(_FILED + "materials/<int:number>/", window.material, name="window-material"),
    path(_FILED + "check/", window.check, name="window-check"),
    path(_FILED + "refused/", window.refused, name="window-refused"),
    path(_FILED + "receipt/", window.receipt, name="window-receipt"),
    path(_FILED + "drop/", window.drop, name="window-drop"),
    path(_FILED + "files/<uuid:upload>/", window.file, name="window-file"),
    path(_FILED + "questions/<slug:page>/", window.page, name="window-page"),
    path("work/filing/corrections/", desks.corrections, name="corrections"),
    path("work/filing/files/<str:number>/<uuid:upload>/", desks.case_file, name="case-file"),
    path("manage/filing/", desks.sources, name="sources"),
    path("manage/filing/system/", desks.connect, name="connect"),
]
