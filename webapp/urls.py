"""List the addresses of all rooms."""

from django.contrib import admin
from django.urls import include, path

from webapp.api.v1.images import image, signed_image_file, tile

from .access import staff_required
from .operations import health as views
from .operations.security_contact import security_contact

urlpatterns = [
    path("", include("webapp.accounts.urls")),
    path("workspace/", include("webapp.workspace.urls")),
    path("organiser/", include("webapp.organiser.urls")),
    path("audit/", include("webapp.audit.urls")),
    path("releases/", include("webapp.audit.releases.urls")),
    path("api/v1/", include("webapp.api.v1.urls")),
    path("images/<int:pk>/<str:size>/", image, name="image"),
    path("images/<int:pk>/tiles/<int:level>/<int:column>/<int:row>/", tile, name="tile"),
    path("images/<str:token>/", signed_image_file, name="signed-image"),
    path("language/", include("django.conf.urls.i18n")),
    path("health/", views.health, name="health"),
    path(".well-known/security.txt", security_contact, name="security-contact"),
    # One door for everyone: the sign-in page, with its limit on tries.
    path("admin/login/", staff_required(admin.site.login)),
    path("admin/", admin.site.urls),
]

handler500 = "webapp.operations.health.server_error"
