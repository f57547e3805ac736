"""The log, and the auditor's first page."""
