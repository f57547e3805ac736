"""The addresses of a campaign's calibration."""

from django.urls import path

from . import pages

urlpatterns = [
    path("calibration/", pages.calibration, name="calibration"),
    path("calibration/anchors/", pages.compare_with, name="compare-with"),
    path("calibration/decide/", pages.decide, name="calibration-decide"),
]
