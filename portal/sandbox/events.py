from enum import StrEnum


class TestCustomerEvent(StrEnum):
    AGREED = "sandbox.test_customer.agreed"
    STOPPED = "sandbox.test_customer.stopped"
