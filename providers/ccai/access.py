"""Access to CCAI Platform: the user name of its Basic authentication, and a call that proves access and reaches nobody."""

from __future__ import annotations

from django.utils.translation import gettext as _

from providers.answers import NotJson, json_of
from providers.ccai.payload import CHATS, base
from providers.types import Account, Answer, Outcome, Verdict, WireRequest


def username(account: Account) -> str:
    """The bare subdomain. Source: the vendor's Apps API page, "subdomain is {username}, token is {password}"."""
    return account.settings.get("subdomain", "")


def probe(account: Account) -> WireRequest:
    """Reads one chat of the Manager API, which takes the same credential. Raises NotConfigured."""
    return WireRequest("GET", f"{base(account)}{CHATS}?per=1", (("Accept", "application/json"),))


def read_probe(answer: Answer) -> Outcome:
    """Whether the list of chats came; otherwise what is wrong, in our words."""
    if answer.status == 200 and _is_list(answer):
        return Outcome(Verdict.ACCEPTED, "ccai.access", explanation=_("CCAI Platform gave access."))
    if answer.status == 401:
        text = _("CCAI Platform refused the subdomain or the token. A token dies when it is made anew or disabled in the portal.")
    elif answer.status == 403:
        text = _("CCAI Platform knows this token, but does not let it in.")
    elif answer.status == 404:
        text = _("There is no CCAI Platform at this address. Check the subdomain and the domain.")
    else:
        text = _("CCAI Platform did not answer with a list of chats (status %(status)s).") % {"status": answer.status}
    return Outcome(Verdict.REJECTED, "ccai.no_access", explanation=text)


def _is_list(answer: Answer) -> bool:
    try:
        return isinstance(json_of(answer), list)
    except NotJson:
        return False
