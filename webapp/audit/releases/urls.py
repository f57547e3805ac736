"""List the addresses at which a release is read and downloaded."""

from django.urls import path

from . import pages as release_views

urlpatterns = [
    path("<slug:slug>/<str:version>/", release_views.files, name="release-files"),
    path("<slug:slug>/<str:version>/download/", release_views.download, name="release-download"),
    path("<slug:slug>/<str:version>/files/<path:path>", release_views.file, name="release-file"),
]
