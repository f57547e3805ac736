"""List the addresses of all rooms."""

from django.contrib import admin
from django.urls import include, path

from webapp.api.images import image, signed_picture, tile

from . import views
from .access import staff_required

urlpatterns = [
    path("", include("webapp.accounts.urls")),
    path("workspace/", include("webapp.workspace.urls")),
    path("organiser/", include("webapp.organiser.urls")),
    path("audit/", include("webapp.audit.urls")),
    path("releases/", include("webapp.audit.release_urls")),
    path("api/", include("webapp.api.urls")),
    path("images/<int:pk>/<str:size>/", image, name="image"),
    path("images/<int:pk>/tiles/<int:level>/<int:column>/<int:row>/", tile, name="tile"),
    path("pictures/<str:token>/", signed_picture, name="signed-picture"),
    path("language/", include("django.conf.urls.i18n")),
    path("health/", views.health, name="health"),
    # One door for everyone: the sign-in page, with its limit on tries.
    path("admin/login/", staff_required(admin.site.login)),
    path("admin/", admin.site.urls),
]

handler500 = "webapp.views.server_error"
