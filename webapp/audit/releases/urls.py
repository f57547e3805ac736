"""The addresses at which a release is read and downloaded."""

from django.urls import path

from . import pages

urlpatterns = [
    path("<slug:slug>/<str:version>/", pages.files, name="release-files"),
    path("<slug:slug>/<str:version>/download/", pages.download, name="release-download"),
    path("<slug:slug>/<str:version>/files/<path:path>", pages.file, name="release-file"),
]
