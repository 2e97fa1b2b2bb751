"""Addresses of licences: for everybody, for holders and for officials."""

from django.urls import path

from zhengtong.apps.affairs.licences.web import acting, bulk, issuing, lists, public, types, wallet

app_name = "licences"
_ONE = "work/licences/one/<str:identifier>/"
urlpatterns = [
    path("licences/verify/", public.verify, name="verify"),
    path("licences/verify/offline/", public.offline, name="offline"),
    path("licences/status/<int:number>", public.status_list, name="status-list"),
    path(".well-known/zhengtong-licences", public.keys, name="keys"),
    path("me/licences/", wallet.wallet, name="wallet"),
    path("me/licences/<str:identifier>/", wallet.show, name="show"),
    path("me/licences/<str:identifier>/<slug:kind>", wallet.download, name="download"),
    path("work/licences/", lists.licences, name="licences"),
    path("work/licences/export.csv", lists.export, name="export"),
    path("work/licences/coverage/", lists.coverage, name="coverage"),
    path("work/licences/read/", acting.read, name="read"),
    path("work/licences/types/", types.types, name="types"),
    path("work/licences/types/new/", types.new, name="type-new"),
    path("work/licences/types/<str:code>/", types.one, name="type"),
    path("work/licences/types/<str:code>/decide/", types.decide, name="type-decide"),
    path("work/licences/types/<str:code>/allow/", types.allow, name="allow"),
    path("work/licences/types/<str:code>/allowances/<int:number>/end/", types.end_allowance, name="allowance-end"),
    path("work/licences/types/<str:code>/issue/", issuing.issue, name="issue"),
    path("work/licences/jobs/", bulk.jobs, name="jobs"),
    path("work/licences/jobs/<int:number>/", bulk.job, name="job"),
    path("work/licences/jobs/<int:number>/refused.csv", bulk.refused, name="job-refused"),
    path(_ONE, acting.licence, name="licence"),
    path(f"{_ONE}act/", acting.act, name="licence-act"),
]
