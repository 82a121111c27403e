"""A ledger of one's own for each test."""

import pytest

from rampart.ledger.store import Ledger


@pytest.fixture
def ledger(tmp_path):
    book = Ledger.open(tmp_path / "ledger.sqlite")
    yield book
    book.close()
