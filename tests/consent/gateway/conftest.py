import pytest

from tests.factories.gateway import Gate, make_gate


@pytest.fixture
def gate(db) -> Gate:
    return make_gate()
