"""The addresses of a campaign's runs."""

from django.urls import path

from . import pages

urlpatterns = [
    path("prefills/", pages.prefill, name="start-prefill"),
    path("model/", pages.choose_model, name="choose-model"),
    path("runs/<int:pk>/", pages.show, name="run"),
    path("runs/<int:pk>/cancel/", pages.cancel, name="run-cancel"),
    path("runs/<int:pk>/resume/", pages.resume, name="run-resume"),
]
