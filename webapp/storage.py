"""Serve static files under names that carry their hash, JavaScript imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrite `import "./other.js";` to the hashed name as well."""

    support_js_module_import_aggregation = True
    # A name changes with those of the files it imports: as many passes as the longest chain of imports is long.
    max_post_process_passes = 20
