"""Addresses of the catalog: ``/share`` for readers, ``/work/catalog`` for those who keep it."""

from django.urls import path

from zhengtong.apps.resources.catalog.web import browsing, changing, editing, harvesting, importing, upward, wording, working

app_name = "catalog"
urlpatterns = [
    path("share/", browsing.search, name="search"),
    path("share/followed/", wording.followed, name="followed"),
    path("share/followed/add/", wording.follow, name="follow"),
    path("share/followed/<int:number>/remove/", wording.unfollow, name="unfollow"),
    path("share/synonyms/", wording.synonyms, name="synonyms"),
    path("share/synonyms.csv", wording.synonyms_csv, name="synonyms-csv"),
    path("share/synonyms/<int:number>/", wording.synonym, name="synonym"),
    path("share/synonyms/<int:number>/remove/", wording.remove_synonym, name="synonym-remove"),
    path("share/tree/<slug:facet>/", browsing.tree, name="tree"),
    path("share/resources/<int:number>/versions/", browsing.versions, name="versions"),
    path("share/resources/<path:ref>/", browsing.entry, name="entry"),
    path("work/catalog/", working.worklist, name="worklist"),
    path("work/catalog/several/", working.several, name="several"),
    path("work/catalog/export/", working.export, name="export"),
    path("work/catalog/change/", changing.change_many, name="change-many"),
    path("work/catalog/change/<int:number>/", changing.change, name="change"),
    path("work/catalog/new/", editing.new, name="new"),
    path("work/catalog/import/", importing.imports, name="imports"),
    path("work/catalog/import/<int:number>/", importing.run, name="import"),
    path("work/catalog/import/<int:number>/quarantine.csv", importing.quarantine, name="quarantine"),
    path("work/catalog/sources/", harvesting.sources, name="harvests"),
    path("work/catalog/sources/add/", harvesting.add, name="harvest-add"),
    path("work/catalog/sources/<int:number>/", harvesting.source, name="harvest"),
    path("work/catalog/sources/<int:number>/change/", harvesting.change, name="harvest-change"),
    path("work/catalog/sources/<int:number>/look/", harvesting.look, name="harvest-look"),
    path("work/catalog/sources/<int:number>/read/", harvesting.read, name="harvest-read"),
    path("work/catalog/sources/<int:number>/remove/", harvesting.remove, name="harvest-remove"),
    path("work/catalog/upward/", upward.overview, name="upward"),
    path("work/catalog/upward/report/", upward.report, name="upward-report"),
    path("work/catalog/upward/<int:number>/", upward.batch, name="upward-batch"),
    path("work/catalog/upward/<int:number>/<slug:kind>/", upward.file, name="upward-file"),
    path("work/catalog/<int:number>/", working.copy, name="copy"),
    path("work/catalog/<int:number>/edit/", editing.edit, name="edit"),
    path("work/catalog/<int:number>/act/", working.act, name="act"),
]
