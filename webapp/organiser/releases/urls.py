"""The addresses at which a release is prepared and built."""

from django.urls import path

from . import pages

urlpatterns = [
    path("releases/", pages.publish, name="publish"),
    path("releases/new/", pages.prepare, name="prepare-release"),
    path("releases/<str:version>/go-on/", pages.go_on, name="release-go-on"),
]
