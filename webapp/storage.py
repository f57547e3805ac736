"""Serve static files under names that carry their hash, JavaScript imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrite `import "./other.js";` to the hashed name as well."""

    support_js_module_import_aggregation = True
