"""What people copy along with a request: a shell's prompts."""

from __future__ import annotations

import pytest

from dashboard.services.pasting import read_pasted
from providers.errors import CannotExpress


@pytest.mark.parametrize(
    "command",
    [
        """$ curl https://h.example/p -d '{"a": ["> $ "]}'""",
        """  > curl https://h.example/p -d '{"a": ["> $ "]}'""",
        """$ curl https://h.example/p \\\n>   -d '{"a":\n> ["> $ "]}'""",
        """$   curl https://h.example/p \\\r\n> -d '{"a":\r\n> ["> $ "]}'\r\n""",
        """$ curl https://h.example/p --data-raw '\n> {\n>   "a": ["> $ "]\n> }'""",
    ],
)
def test_prompts_are_no_part_of_a_command(command: str) -> None:
    pasted = read_pasted(command)
    assert (pasted.body, pasted.url) == ({"a": ["> $ "]}, "https://h.example/p")


def test_json_may_stand_behind_a_prompt_too() -> None:
    assert read_pasted('> {"a":\n> 1}').body == {"a": 1}


@pytest.mark.parametrize("text", ["$", "> ", "$curl", "$ wget https://h.example/p"])
def test_a_prompt_before_anything_else_is_no_request(text: str) -> None:
    with pytest.raises(CannotExpress, match="This is not JSON"):
        read_pasted(text)
