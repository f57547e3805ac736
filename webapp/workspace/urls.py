"""List the addresses of the workspace."""

from django.urls import path

from . import views

app_name = "workspace"
urlpatterns = [
    path("", views.home, name="home"),
    path("reviews/", views.reviews, name="reviews"),
    path("<slug:slug>/", views.judge, name="judge"),
]
