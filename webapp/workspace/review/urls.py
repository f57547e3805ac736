"""List the addresses of whoever adjudicates."""

from django.urls import path

from . import pages, send_back_pages

urlpatterns = [
    path("cases/", pages.list_cases, name="cases"),
    path("cases/<int:pk>/", pages.adjudicate_case, name="case"),
    path("cases/<int:pk>/send-back/", send_back_pages.send_back, name="case-send-back"),
    path("cases/<int:pk>/send-back/<int:number>/withdraw/", send_back_pages.withdraw, name="case-send-back-withdraw"),
    path("cases/<int:pk>/reopen/", pages.reopen_case, name="case-reopen"),
]
