"""Addresses of the protocols of outsiders."""

from django.urls import path, re_path

from zhengtong.apps.flow.opendata.rest import datajson, dcat, ogc
from zhengtong.apps.flow.opendata.rest.ckan import dump, openapi
from zhengtong.apps.flow.opendata.rest.ckan import views as ckan

app_name = "openrest"
urlpatterns = [
    path("data.json", datajson.document, name="data-json"),
    path("open/catalog", dcat.catalogue, name="dcat-negotiated"),
    re_path(r"^open/catalog\.(?P<ending>ttl|rdf|jsonld)$", dcat.catalogue, name="dcat-catalogue"),
    path("open/datasets/<int:number>/dcat", dcat.dataset, name="dcat-dataset-negotiated"),
    re_path(r"^open/datasets/(?P<number>[0-9]{1,18})/dcat\.(?P<ending>ttl|rdf|jsonld)$", dcat.dataset, name="dcat-dataset"),
    path("api/action/<str:name>", ckan.action, name="ckan-action-plain"),
    re_path(r"^api/(?P<version>[1-3])/action/(?P<name>[^/]+)$", ckan.action, name="ckan-action"),
    path("api/3/openapi.json", openapi.document, name="ckan-openapi"),
    path("datastore/dump/<uuid:resource_id>", dump.dump, name="ckan-dump"),
    path("open/ogc/", ogc.landing, name="ogc-landing"),
    path("open/ogc", ogc.landing, name="ogc-landing-plain"),
    path("open/ogc/conformance", ogc.conformance, name="ogc-conformance"),
    path("open/ogc/api", ogc.description, name="ogc-api"),
    path("open/ogc/collections", ogc.collections, name="ogc-collections"),
    path("open/ogc/collections/<str:name>", ogc.collection, name="ogc-collection"),
    path("open/ogc/collections/<str:name>/schema", ogc.schema, name="ogc-schema"),
    path("open/ogc/collections/<str:name>/items", ogc.items, name="ogc-items"),
    path("open/ogc/collections/<str:name>/items/<str:feature_id>", ogc.feature, name="ogc-feature"),
]
