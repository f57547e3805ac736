"""The address of one image with all that was said of it."""

from django.urls import path

from . import pages

urlpatterns = [
    path("<slug:slug>/images/<int:pk>/", pages.image, name="image"),
]
