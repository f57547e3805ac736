"""The address of a campaign's events."""

from django.urls import path

from . import pages

urlpatterns = [
    path("<slug:slug>/events/", pages.events, name="events"),
]
