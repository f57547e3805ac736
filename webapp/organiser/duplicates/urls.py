"""The addresses of a campaign's near duplicates."""

from django.urls import path

from . import pages

urlpatterns = [
    path("near-duplicates/", pages.near_duplicates, name="near-duplicates"),
    path("near-duplicates/<int:pk>/", pages.decide, name="near-duplicate"),
]
