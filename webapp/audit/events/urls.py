"""The addresses of a campaign's events and releases."""

from django.urls import path

from . import pages

urlpatterns = [
    path("<slug:slug>/releases/", pages.releases, name="releases"),
    path("<slug:slug>/events/", pages.events, name="events"),
]
