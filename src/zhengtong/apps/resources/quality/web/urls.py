"""Addresses of quality: scores, standard items, sources, and one level of the data's way."""

from django.urls import path

from zhengtong.apps.resources.quality.web import alike, contents, duties, lineage, scores, sources, standards

app_name = "quality"
urlpatterns = [
    path("work/quality/", scores.offices, name="offices"),
    path("work/quality/offices.csv", scores.offices_csv, name="offices-csv"),
    path("work/quality/offices/<slug:code>/", scores.office, name="office"),
    path("work/standards/", standards.listed, name="standards"),
    path("work/standards/standards.csv", standards.listed_csv, name="standards-csv"),
    path("work/standards/add/", standards.add, name="standard-add"),
    path("work/standards/import/", standards.take, name="standards-import"),
    path("work/standards/links/", standards.links, name="links"),
    path("work/standards/<int:number>/", standards.detail, name="standard"),
    path("work/standards/<int:number>/change/", standards.change, name="standard-change"),
    path("work/standards/<int:number>/withdraw/", standards.withdraw, name="standard-withdraw"),
    path("work/sources/", sources.listed, name="sources"),
    path("work/sources/sources.csv", sources.listed_csv, name="sources-csv"),
    path("work/sources/<int:number>/", sources.detail, name="source"),
    path("work/sources/<int:number>/name/", sources.name, name="source-name"),
    path("work/sources/<int:number>/take-back/", sources.take_back, name="source-take-back"),
    path("work/contents/", contents.listed, name="contents"),
    path("work/contents/<int:one>/<int:other>/", contents.detail, name="content"),
    path("work/contents/<int:one>/<int:other>/decide/", contents.decide, name="content-decide"),
    path("work/alike/", alike.listed, name="alike"),
    path("work/alike/hints/", alike.hinted, name="alike-hints"),
    path("work/alike/<int:one>/<int:other>/", alike.compare, name="compare"),
    path("work/alike/<int:one>/<int:other>/decide/", alike.decide, name="alike-decide"),
    path("work/duties/", duties.listed, name="duties"),
    path("work/duties/duties.csv", duties.listed_csv, name="duties-csv"),
    path("work/duties/import/", duties.take, name="duties-import"),
    path("work/duties/<slug:code>/", duties.office, name="duties-office"),
    path("work/duties/<slug:code>/<int:number>/", duties.link, name="duty-link"),
    path("share/lineage/<int:number>/", lineage.entry, name="lineage"),
]
