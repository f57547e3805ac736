"""The addresses of whoever runs campaigns: a room each, those with fixed names first."""

from django.urls import include, path

app_name = "organiser"
urlpatterns = [
    path("rubrics/", include("webapp.organiser.rubrics.urls")),
    path("", include("webapp.organiser.campaigns.urls")),
    path("<slug:slug>/", include("webapp.organiser.prefills.urls")),
    path("<slug:slug>/", include("webapp.organiser.calibration.urls")),
    path("<slug:slug>/", include("webapp.organiser.duplicates.urls")),
    path("<slug:slug>/", include("webapp.organiser.releases.urls")),
    path("<slug:slug>/", include("webapp.organiser.answers.urls")),
]
