"""The addresses of whoever checks our work: a room each."""

from django.urls import include, path

from . import pages
from .releases import list_pages

app_name = "audit"
urlpatterns = [
    path("", pages.home, name="home"),
    path("", include("webapp.audit.reports.urls")),
    path("", include("webapp.audit.images.urls")),
    path("", include("webapp.audit.events.urls")),
    path("<slug:slug>/releases/", list_pages.releases, name="releases"),
]
