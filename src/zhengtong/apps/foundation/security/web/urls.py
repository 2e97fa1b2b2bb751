"""Addresses of the ledger's pages, below ``/manage/ledger/``."""

from django.urls import path

from zhengtong.apps.foundation.security.web import entries, work

app_name = "security"
urlpatterns = [
    path("", entries.entries, name="entries"),
    path("entries.csv", entries.download, name="entries-csv"),
    path("entries/<str:chain>/<int:height>/<int:position>/", entries.entry, name="entry"),
    path("subjects/", entries.subject_search, name="subject-search"),
    path("subjects/<str:digest>/", entries.subject, name="subject"),
    path("heads/", work.heads, name="heads"),
    path("checks/", work.checks, name="checks"),
    path("checks/<int:check_id>/", work.check, name="check"),
    path("exports/", work.exports, name="exports"),
    path("exports/<int:export_id>/download/", work.download, name="export-download"),
]
