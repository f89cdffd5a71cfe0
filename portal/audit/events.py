from enum import StrEnum


class AuditEvent(StrEnum):
    READ = "audit.log.read"
    EXPORTED = "audit.log.exported"
