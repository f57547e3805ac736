"""List the addresses of whoever runs a campaign."""

from django.urls import path

from . import views

app_name = "organiser"
urlpatterns = [
    path("", views.home, name="home"),
    path("<slug:slug>/", views.campaign, name="campaign"),
    path("<slug:slug>/prefill/", views.prefill, name="prefill"),
    path("<slug:slug>/agreement/", views.measure, name="measure"),
    path("<slug:slug>/releases/", views.publish, name="publish"),
]
