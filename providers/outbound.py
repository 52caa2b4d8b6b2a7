"""Which addresses may be called: https on port 443, at hosts on the allow-list, at public network addresses only."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NoReturn

from django.utils.translation import gettext as _

from providers.errors import Cause, NotConfigured, NotSent

LONGEST_URL = 2048
LONGEST_HOST = 253
URL = re.compile(r"(?P<scheme>[a-z]+)://(?P<host>\[[0-9A-Fa-f:.]*\]|[^:/?#\[\]]*)(?P<port>:[^/?#]*)?(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
QUERY = re.compile(r"\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
DOT_SEGMENT = re.compile(r"/(?:\.|%2[eE]){1,2}(?:/|$)")
LOOPBACK_NAME = "localhost"

# Our own list, because `ipaddress` changed its mind about what is global between Python releases and
# counts multicast and NAT64 addresses as global. Source: the IANA special-purpose address registries.
FORBIDDEN = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's wire server, a public address that answers inside its cloud only
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "::/3",  # everything below global unicast: loopback, mapped and translated IPv4 (NAT64), discard
        "2001::/23",  # protocol assignments with Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3ffe::/16",  # the former 6bone
        "3fff::/20",  # documentation
        "4000::/2",  # everything above global unicast, in three blocks:
        "8000::/2",
        "c000::/2",  # with unique local, link-local and multicast
    )
)


def is_public(address: str) -> bool:
    """Whether a numeric address lies in the public Internet as far as this product is concerned."""
    parsed = ipaddress.ip_address(address)
    return not any(parsed in block for block in FORBIDDEN if block.version == parsed.version)


def is_loopback(host: str) -> bool:
    """Whether a host, as it stands in a URL, is this machine: `localhost` or a canonical loopback address."""
    if host == LOOPBACK_NAME:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")) in LOOPBACK[":" in host]
    except ValueError:
        return False


LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class Policy:
    """The addresses that one transport may call.

    `hosts` are fnmatch patterns over the whole lower-case host name. `loopback` additionally permits http and https to
    this machine on any port: for the sandbox and the tests.
    """

    hosts: tuple[str, ...]
    loopback: bool = False

    def check(self, url: str, *, query: bool = False) -> None:
        """Refuse a URL that may not be called; a configured address has no query, a request may (`query`).

        Raises NotConfigured for an empty one and NotSent(FORBIDDEN_ADDRESS) otherwise, naming what is wrong. Names are
        not looked up here: that happens once, when the connection is made, and `permits` judges what came of it.
        """
        if not url:
            raise NotConfigured(_("The address is missing."))
        parts = _split(url)
        host = parts["host"].lower()
        if self.loopback and is_loopback(host):
            _check_scheme(parts["scheme"], ("http", "https"))
            _check_port(parts["port"], None)
        else:
            _check_scheme(parts["scheme"], ("https",))
            _check_port(parts["port"], 443)
            _check_name(host)
            self._check_listed(host)
        _check_path(parts["path"])
        _check_query(parts["query"], query)

    def permits(self, host: str, address: str) -> bool:
        """Whether a numeric address that a name led to may be connected to."""
        if self.loopback and is_loopback(host):
            return is_loopback(address)
        return is_public(address)

    def _check_listed(self, host: str) -> None:
        if not any(fnmatchcase(host, pattern) for pattern in self.hosts):
            text = _("The host %(host)s is not one that may be called. Allowed: %(hosts)s.")
            _refuse(text % {"host": host, "hosts": ", ".join(self.hosts) or _("none")})


def _refuse(sentence: str) -> NoReturn:
    raise NotSent(Cause.FORBIDDEN_ADDRESS, sentence)


def _split(url: str) -> dict[str, str]:
    """The parts of a URL, taken apart by one strict expression so that no two parsers can disagree about the host."""
    if len(url) > LONGEST_URL:
        _refuse(_("The address is longer than %s characters.") % f"{LONGEST_URL:,}")
    if not re.fullmatch(r"[!-~]+", url):
        _refuse(_("The address has a space, a control character or a letter outside ASCII; write an international name as xn--…."))
    if "\\" in url:
        _refuse(_("The address has a backslash."))
    if "#" in url:
        _refuse(_("The address has a fragment (#…)."))
    match = URL.fullmatch(url)
    if match is None:
        _refuse(_("The address is not of the form https://host/path."))
    if "@" in match["host"] + (match["port"] or ""):
        _refuse(_("The address has a user name before the host."))
    return {name: value or "" for name, value in match.groupdict().items()}


def _check_scheme(scheme: str, allowed: tuple[str, ...]) -> None:
    if scheme not in allowed:
        _refuse(_("The address has to start with %s.") % " / ".join(f"{name}://" for name in allowed))


def _check_port(port: str, only: int | None) -> None:
    if not port:
        return
    if not re.fullmatch(r":[1-9][0-9]{0,4}", port) or int(port[1:]) > 65535:
        _refuse(_("The address has a port that is not a number between 1 and 65535: %s.") % port[1:])
    if only and int(port[1:]) != only:
        _refuse(_("The address has port %(port)s; only %(only)s may be called.") % {"port": port[1:], "only": only})


def _check_name(host: str) -> None:
    """A host name of two or more labels; its last label is not a number, so that no numeric address passes for a name."""
    labels = host.split(".")
    well_formed = len(host) <= LONGEST_HOST and len(labels) > 1 and all(LABEL.fullmatch(label) for label in labels)
    if not well_formed or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        _refuse(_("The address has no valid host name: “%s”.") % host)


def _check_path(path: str) -> None:
    if not PATH.fullmatch(path) or DOT_SEGMENT.search(path):
        _refuse(_("The address has a path with characters that have to be percent-encoded, or with . or .. as a step."))


def _check_query(query: str, allowed: bool) -> None:
    if query and not allowed:
        _refuse(_("The address has a query (?…)."))
    if query and not QUERY.fullmatch(query):
        _refuse(_("The address has a query with characters that have to be percent-encoded."))
