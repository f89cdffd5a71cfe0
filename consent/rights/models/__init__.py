from consent.rights.models.copies import Copy, CopyPart
from consent.rights.models.recipients import Disclosure, Task
from consent.rights.models.requests import DataRequest, Hold, Restriction

__all__ = ["Copy", "CopyPart", "DataRequest", "Disclosure", "Hold", "Restriction", "Task"]
