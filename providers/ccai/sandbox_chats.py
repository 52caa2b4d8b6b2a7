"""The chats that the emulated CCAI Platform answers with, in the shape of the vendor's examples."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from providers.types import Json

FIRST_CHAT, FIRST_END_USER = 114, 87
AGENTS = {1: ("john.doe@foo.com", "John", "Doe", 9), 2: ("mei.tan@foo.com", "Mei", "Tan", 12)}
"""E-mail address, first and last name and agent number by id."""


def chat_answer(chat: Mapping[str, Any], *, by_email: bool) -> Json:
    """A chat as the vendor's examples show it: `agent_info` is null when the agent was named by e-mail address."""
    opened = datetime.fromtimestamp(chat["opened"], UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    agent, end_user = chat["agent"], FIRST_END_USER + chat["id"] - FIRST_CHAT
    participants = [_participant(chat, "end_user", None, end_user, opened)]
    if agent is not None:
        participants.append(_participant(chat, "agent", agent, None, opened))
    return {
        "id": chat["id"],
        "lang": "en",
        "chat_type": chat["chat_type"],
        "status": "selecting" if agent is None else "assigned",
        "created_at": opened,
        "queued_at": None,
        "assigned_at": None if agent is None else opened,
        "ends_at": None,
        "wait_duration": 0,
        "chat_duration": 0,
        "rating": None,
        "has_feedback": False,
        "out_ticket_id": None,
        "out_ticket_url": None,
        "verified": False,
        "disconnected_by": "disconnected_by_unknown",
        "fail_reason": None,
        "selected_menu": None,
        "menu_path": None,
        "agent_info": None if agent is None or by_email else _agent_info(agent),
        "end_user": {"id": end_user, "identifier": None, "out_contact_id": None},
        "photos": [],
        "videos": [],
        "transfers": [],
        "participants": participants,
        "offer_type": None,
        "offer_events": [],
        "answer_type": "manual",
        "outbound_number": chat["outbound_number"],
    }


def _participant(chat: Mapping[str, Any], kind: str, user: int | None, end_user: int | None, connected: str) -> Json:
    return {
        "id": 205 if kind == "end_user" else 206,
        "type": kind,
        "status": "connected",
        "chat_id": chat["id"],
        "user_id": user,
        "end_user_id": end_user,
        "chat_duration": None,
        "connected_at": connected,
        "ended_at": None,
        "fail_reason": "nothing",
    }


def _agent_info(number: int) -> Json:
    email, first, last, agent_number = AGENTS[number]
    return {
        "id": number,
        "agent_number": agent_number,
        "email": email,
        "name": f"{first} {last}",
        "first_name": first,
        "last_name": last,
        "avatar_url": f"https://foobar.com/{first}{last}".lower(),
    }
