"""Addresses of exchange."""

from django.urls import path

from zhengtong.apps.flow.exchange.web import bindings, downloads, files, fronts, runs

app_name = "exchange"
urlpatterns = [
    path("work/bindings/", bindings.listed, name="bindings"),
    path("work/bindings/<int:resource_id>/", bindings.address, name="binding"),
    path("work/bindings/<int:resource_id>/table/", bindings.table, name="binding-table"),
    path("work/bindings/<int:resource_id>/mapping/", bindings.mapping, name="binding-mapping"),
    path("work/bindings/<int:resource_id>/file/", files.upload, name="file-upload"),
    path("work/bindings/<int:resource_id>/file/next/", files.replace, name="file-replace"),
    path("work/bindings/<int:resource_id>/file/handling/", files.handling, name="file-handling"),
    path("work/bindings/<int:resource_id>/file/<int:edition>/", files.look, name="file"),
    path("work/bindings/<int:resource_id>/file/<int:edition>/mapping/", files.mapping, name="file-mapping"),
    path("work/bindings/<int:resource_id>/collect/", bindings.collect, name="collect"),
    path("work/bindings/<int:resource_id>/schedule/", bindings.schedule, name="schedule"),
    path("work/runs/", runs.listed, name="runs"),
    path("work/runs/<uuid:run_id>/", runs.detail, name="run"),
    path("work/runs/<uuid:run_id>/progress/", runs.progress, name="progress"),
    path("work/runs/<uuid:run_id>/rejects/", runs.rejects, name="rejects"),
    path("work/runs/<uuid:run_id>/rejects.csv", runs.rejects_csv, name="rejects-csv"),
    path("work/runs/<uuid:run_id>/receipt.json", runs.receipt, name="receipt"),
    path("work/runs/<uuid:run_id>/stop/", runs.stop, name="stop"),
    path("work/runs/<uuid:run_id>/retry/", runs.retry, name="retry"),
    path("work/fronts/", fronts.listed, name="fronts"),
    path("work/fronts/<int:front_id>/remove/", fronts.remove, name="front-remove"),
    path("work/pushes/<int:push_id>/run/", fronts.run_push, name="push-run"),
    path("work/pushes/<int:push_id>/end/", fronts.end_push, name="push-end"),
    path("work/pushes/<int:push_id>/change/", fronts.change_push, name="push-change"),
    path("share/grants/<str:number>/push/", fronts.add_push, name="push"),
    path("share/grants/<str:number>/download.csv", downloads.download, name="download"),
]
