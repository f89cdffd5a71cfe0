from enum import StrEnum


class SandboxEvent(StrEnum):
    AGREED = "sandbox.test_customer.agreed"
    STOPPED = "sandbox.test_customer.stopped"
