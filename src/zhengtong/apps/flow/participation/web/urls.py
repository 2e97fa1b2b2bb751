"""Addresses of participation: boards under ``open/``, private pages by receipt, the desk under ``work/``."""

from django.urls import path

from zhengtong.apps.flow.participation.web import board, desk, filing, gallery, receipts, saying

app_name = "participation"
urlpatterns = [
    path("open/demands/", board.listed, name="demands"),
    path("open/demands/export.csv", board.export, name="demands-csv"),
    path("open/demands/new/", filing.new, name="demand-new"),
    path("open/demands/suggestions/", filing.suggest, name="demand-suggest"),
    path("open/demands/<str:number>/", board.detail, name="demand"),
    path("open/demands/<str:number>/support/", board.support, name="demand-support"),
    path("open/receipts/<str:number>/<str:secret>/", receipts.shown, name="receipt"),
    path("open/receipts/<str:number>/<str:secret>/take/", receipts.take, name="receipt-take"),
    path("open/receipts/<str:number>/<str:secret>/withdraw/", receipts.withdraw, name="receipt-withdraw"),
    path("open/datasets/<int:dataset>/rating/", saying.rate, name="rate"),
    path("open/datasets/<int:dataset>/comments/", saying.comments, name="comments"),
    path("open/datasets/<int:dataset>/corrections/new/", saying.correct, name="correct"),
    path("open/reuses/", gallery.listed, name="reuses"),
    path("open/reuses/new/", gallery.new, name="reuse-new"),
    path("open/reuses/<str:number>/", gallery.detail, name="reuse"),
    path("open/reuses/<str:number>/card.png", gallery.card, name="reuse-card"),
    path("open/reuses/<str:number>/picture.webp", gallery.picture, name="reuse-picture"),
    path("open/reuses/<str:number>/thumbnail.webp", gallery.thumbnail, name="reuse-thumbnail"),
    path("open/receipts/<str:number>/<str:secret>/picture.webp", gallery.own, name="own-picture"),
    path("work/voices/<str:number>/picture.webp", gallery.at_desk, name="desk-picture"),
    path("work/demands/", desk.demands, name="desk-demands"),
    path("work/demands/assign/", desk.assign, name="desk-assign"),
    path("work/demands/<str:number>/", desk.demand, name="desk-demand"),
    path("work/demands/<str:number>/act/", desk.demand_act, name="desk-demand-act"),
    path("work/demands/<str:number>/contact/", desk.contact, name="desk-contact"),
    path("work/voices/", desk.voices, name="desk-voices"),
    path("work/voices/<str:number>/", desk.voice, name="desk-voice"),
    path("work/voices/<str:number>/act/", desk.voice_act, name="desk-voice-act"),
    path("work/voices/<str:number>/contact/", desk.voice_contact, name="desk-voice-contact"),
]
