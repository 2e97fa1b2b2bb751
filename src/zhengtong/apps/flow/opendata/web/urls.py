"""Addresses of opening data: the portal under ``open/``, the desk under ``work/openings/``."""

from django.urls import path

from zhengtong.apps.flow.opendata.web import (
    about,
    charts,
    downloads,
    feeds,
    news,
    portal,
    proposing,
    rewording,
    workbench,
    working,
)

app_name = "opendata"
urlpatterns = [
    path("open/", portal.front, name="front"),
    path("open/datasets/", portal.listed, name="datasets"),
    path("open/datasets/<int:number>/", portal.dataset, name="dataset"),
    path("open/datasets/<int:number>/versions/<int:version>/", portal.version, name="version"),
    path("open/datasets/<int:number>/versions/<int:version>/<str:name>", downloads.file, name="file"),
    path("open/datasets/<int:number>/chart/", charts.chart, name="chart"),
    path("open/datasets/<int:number>/chart.csv", charts.chart_csv, name="chart-csv"),
    path("open/datasets.csv", portal.listed_csv, name="datasets-csv"),
    path("open/suggestions/", portal.suggestions, name="suggestions"),
    path("open/datasets/<int:number>/compare/", about.compare, name="compare"),
    path("open/datasets/<int:number>/feed.atom", feeds.dataset_feed, name="dataset-feed"),
    path("open/feed.atom", feeds.feed, name="feed"),
    path("open/statistics/", about.statistics, name="statistics"),
    path("open/statistics.csv", about.statistics_csv, name="statistics-csv"),
    path("open/help/", about.helping, name="help"),
    path("open/developers/", about.developers, name="developers"),
    path("open/news/", news.listed, name="news"),
    path("work/openings/news/", news.desk, name="news-desk"),
    path("work/openings/news/<int:number>/end/", news.end, name="news-end"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("open/sitemap-<int:place>.xml", feeds.sitemap_page, name="sitemap-page"),
    path("robots.txt", feeds.robots, name="robots"),
    path("open/workbench/", workbench.workbench, name="workbench"),
    path("open/workbench/datasets.json", workbench.choices, name="workbench-choices"),
    path("work/openings/", working.listed, name="openings"),
    path("work/openings/<int:number>/", working.detail, name="opening"),
    path("work/openings/<int:number>/progress/", working.progress, name="opening-progress"),
    path("work/openings/<int:number>/act/", working.act, name="opening-act"),
    path("work/openings/<int:number>/overrule/", working.overrule, name="opening-overrule"),
    path("work/openings/<int:number>/words/", rewording.reword, name="opening-reword"),
    path("work/openings/propose/<int:resource_id>/", proposing.propose, name="propose"),
]
