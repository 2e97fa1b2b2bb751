"""Addresses of ratings."""

from django.urls import path

from zhengtong.apps.affairs.ratings.web import desk, figures, giving, setting

app_name = "ratings"
urlpatterns = [
    path("me/cases/<str:number>/rate/", giving.own, name="rate"),
    path("rate/thanks/", giving.thanks, name="thanks"),
    path("rate/<str:code>/", giving.by_link, name="rate-by-link"),
    path("services/figures/", figures.page_of, name="figures"),
    path("services/figures.csv", figures.as_csv, name="figures-csv"),
    path("services/figures.json", figures.as_json, name="figures-json"),
    path("work/ratings/", desk.work, name="work"),
    path("work/ratings/link/", desk.link, name="link"),
    path("work/ratings/settings/", setting.settings, name="settings"),
    path("work/ratings/settings/term/", setting.term, name="term-set"),
    path("work/ratings/settings/reason/", setting.reason, name="reason-set"),
    path("work/ratings/one/<str:key>/", desk.detail, name="ticket"),
    path("work/ratings/one/<str:key>/<slug:kind>/", desk.act, name="ticket-act"),
]
