"""List the addresses of whoever adjudicates."""

from django.urls import path

from . import pages

urlpatterns = [
    path("cases/", pages.list_cases, name="cases"),
    path("cases/<int:pk>/", pages.adjudicate_case, name="case"),
    path("cases/<int:pk>/reopen/", pages.reopen_case, name="case-reopen"),
]
