"""Lets assertions inside the shared contract suite say what they compared."""

import pytest

pytest.register_assert_rewrite("tests.providers.contract")
