from catalog.imports.models.callbacks import Callback
from catalog.imports.models.documents import ImportDocument
from catalog.imports.models.jobs import ImportJob
from catalog.imports.models.sources import Source

__all__ = ["Callback", "ImportDocument", "ImportJob", "Source"]
