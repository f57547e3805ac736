"""List the addresses of whoever checks our work."""

from django.urls import path

from . import retest_views, stored_views, views

app_name = "audit"
urlpatterns = [
    path("", views.home, name="home"),
    path("reports/<int:pk>/", views.report, name="report"),
    path("reports/<int:pk>/agreement.csv", views.report_csv, name="report-csv"),
    path("<slug:slug>/agreement/", views.agreement, name="agreement"),
    path("<slug:slug>/retest/", retest_views.retest, name="retest"),
    path("<slug:slug>/releases/", views.releases, name="releases"),
    path("reports/<int:pk>/recompute/", stored_views.recompute, name="report-recompute"),
    path("<slug:slug>/analysis-plan/", stored_views.plan, name="analysis-plan"),
    path("<slug:slug>/events/", views.events, name="events"),
]
