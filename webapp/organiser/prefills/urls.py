"""The addresses of a campaign's prefill runs."""

from django.urls import path

from . import pages

urlpatterns = [
    path("prefills/", pages.prefill, name="start-prefill"),
    path("prefills/<int:pk>/", pages.show, name="prefill-run"),
    path("prefills/<int:pk>/cancel/", pages.cancel, name="prefill-run-cancel"),
    path("prefills/<int:pk>/resume/", pages.resume, name="prefill-run-resume"),
]
