"""Addresses of service items: the guide under ``services/``, the desk under ``work/items/``."""

from django.urls import path

from zhengtong.apps.affairs.services.web import desk, editing, feeds, fielding, forming, guide, importing, materials, previewing, simulating

app_name = "services"
urlpatterns = [
    path("services/", guide.front, name="front"),
    path("services/for-me/", guide.for_me, name="for-me"),
    path("services/sitemap.xml", feeds.sitemap, name="sitemap"),
    path("services/feed.xml", feeds.feed, name="feed"),
    path("services/items/<str:code>/", guide.item, name="guide-item"),
    path("work/items/", desk.listed, name="items"),
    path("work/items/export/", desk.export, name="items-export"),
    path("work/items/several/", desk.several, name="items-several"),
    path("work/items/new/", editing.new, name="item-new"),
    path("work/items/imports/", importing.imports, name="imports"),
    path("work/items/imports/<int:number>/", importing.run, name="import"),
    path("work/items/imports/<int:number>/quarantine.csv", importing.quarantine, name="quarantine"),
    path("work/items/materials/", materials.avoidable, name="materials"),
    path("work/items/sources/", materials.sources, name="sources"),
    path("work/items/sources/<int:source>/remove/", materials.remove, name="source-remove"),
    path("work/items/<int:number>/", desk.item, name="item"),
    path("work/items/<int:number>/edit/", editing.edit, name="item-edit"),
    path("work/items/<int:number>/form/", forming.editor, name="form"),
    path("work/items/<int:number>/form/change/", forming.change, name="form-change"),
    path("work/items/<int:number>/form/field/", fielding.field, name="form-field"),
    path("work/items/<int:number>/form/page/", forming.page, name="form-page"),
    path("work/items/<int:number>/form/refusals/", forming.refusals, name="form-refusals"),
    path("work/items/<int:number>/form/document.json", forming.document, name="form-document"),
    path("work/items/<int:number>/form/import/", forming.take_in, name="form-import"),
    path("work/items/<int:number>/form/preview/", previewing.begin, name="form-preview"),
    path("work/items/<int:number>/form/preview/<str:key>/", previewing.page, name="form-preview-page"),
    path("work/items/<int:number>/form/simulation/", simulating.simulation, name="form-simulation"),
    path("work/items/<int:number>/act/", desk.act, name="item-act"),
]
