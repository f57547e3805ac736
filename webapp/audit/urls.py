"""The addresses of whoever checks our work: a room each."""

from django.urls import include, path

from .events import pages

app_name = "audit"
urlpatterns = [
    path("", pages.home, name="home"),
    path("", include("webapp.audit.reports.urls")),
    path("", include("webapp.audit.images.urls")),
    path("", include("webapp.audit.events.urls")),
]
