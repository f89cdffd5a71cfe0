from enum import StrEnum


class VocabularyEvent(StrEnum):
    PURPOSE_WORDED = "catalog.purpose.worded"
    CLUSTER_WORDED = "catalog.cluster.worded"
    SCOPE_DEFINED = "catalog.scope.defined"
    SCOPE_CHANGED = "catalog.scope.changed"
    DETAIL_TYPE_WORDED = "catalog.detail_type.worded"
