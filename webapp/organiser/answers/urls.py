"""The addresses at which answers are looked at one image after another, and sent back."""

from django.urls import path

from . import pages

urlpatterns = [
    path("images/<int:pk>/", pages.answers, name="answers"),
    path("sent-back/", pages.sent_back, name="sent-back"),
    path("sent-back/<uuid:pk>/", pages.send_back, name="send-back"),
    path("sent-back/<int:number>/withdraw/", pages.withdraw, name="withdraw-send-back"),
]
