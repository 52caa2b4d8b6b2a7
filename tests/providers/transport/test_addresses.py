"""Where names lead: each is looked up once, every address vetted, and only a vetted one called."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from providers.errors import Cause, NotSent
from providers.http import Transport
from providers.outbound import Policy, is_loopback, is_public
from providers.types import WireRequest
from providers.wire import Exchange, Trouble, Wire
from tests.providers.servers import Server, answer, replying
from tests.providers.transport.policies import LOOSE, STRICT

FORBIDDEN_ADDRESSES = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254"),
    *("168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.170", "192.0.2.1"),
    *("192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1"),
    *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff::1", "2001:db8::1"),
    *("2002:7f00:1::", "2002:808:808::1", "3ffe::1", "3fff::1", "5f00::1", "4000::1", "8000::1", "c000::1", "fc00::1", "fd00:ec2::254"),
    *("fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "ff0e::1"),
]
PUBLIC_ADDRESSES = [
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "172.15.255.255"),
    *("172.32.0.0", "191.255.255.255", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"),
    *(
        "2000::1",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2001:db7:ffff::1",
        "2001:db9::1",
        "2003::1",
        "2606:4700::1111",
        "3ffd::1",
        "3fff:1000::1",
    ),
]


@pytest.mark.parametrize("address", FORBIDDEN_ADDRESSES)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)
    assert not STRICT.permits("emea.api.newvoicemedia.com", address)
    assert not LOOSE.permits("emea.api.newvoicemedia.com", address)


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_a_public_address(address: str) -> None:
    assert is_public(address)
    assert STRICT.permits("emea.api.newvoicemedia.com", address)
    assert not LOOSE.permits("localhost", address)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.9", True),
        ("[::1]", True),
        ("::1", True),
        ("128.0.0.1", False),
        ("[::2]", False),
        ("127.1", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_what_this_machine_is(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def connected_to(policy: Policy, host: str, port: int, resolve: Callable[[str, int], list[str]]) -> None:
    """Open a connection as the transport does, on a port that a test can listen on."""
    wire = Wire(policy, resolve)
    wire.exchange = Exchange(place=host, allowed=60)
    wire.connect_tcp(host, port).close()


@pytest.mark.parametrize("others", [[], ["8.8.8.8"], ["2606:4700::1111", "8.8.8.8"]])
@pytest.mark.parametrize("policy", [STRICT, LOOSE], ids=["strict", "loopback"])
def test_a_vendor_name_that_leads_into_the_house(canary: Server, policy: Policy, others: list[str]) -> None:
    with pytest.raises(Trouble) as caught:
        connected_to(policy, "emea.api.newvoicemedia.com", canary.port, lambda host, port: [*others, "127.0.0.1"])
    assert caught.value.cause == Cause.FORBIDDEN_ADDRESS
    assert canary.connections == 0


def test_a_name_that_leads_nowhere() -> None:
    with pytest.raises(Trouble) as caught:
        connected_to(STRICT, "emea.api.newvoicemedia.com", 443, lambda host, port: [])
    assert caught.value.cause == Cause.NAME_LOOKUP


def test_a_rebinding_name_is_looked_up_once_and_the_vetted_address_called() -> None:
    answers = [["127.0.0.1"], ["10.11.12.13"], ["127.0.0.1"]]
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    with Server(replying(answer(b"ours"))) as server:
        transport = Transport(LOOSE, deadline=60, answer_limit=1000, resolve=rebinding)
        request = WireRequest("GET", f"http://localhost:{server.port}/", ())
        assert transport.exchange(request, fresh_connection=True).body == b"ours"
        assert len(asked) == 1
        with pytest.raises(NotSent) as caught:
            transport.exchange(request, fresh_connection=True)
        assert (caught.value.cause, server.connections) == (Cause.FORBIDDEN_ADDRESS, 1)
        assert transport.exchange(request, fresh_connection=True).body == b"ours"
        assert (len(asked), server.connections) == (3, 2)


def test_the_vetted_address_is_called_and_the_name_not_looked_up_again() -> None:
    with Server(replying(answer(b"vetted")), host="127.0.0.2") as server:
        transport = Transport(LOOSE, deadline=60, answer_limit=1000, resolve=lambda host, port: ["127.0.0.2"])
        assert transport.exchange(WireRequest("GET", f"http://localhost:{server.port}/", ())).body == b"vetted"
        transport.close()
        assert f"Host: localhost:{server.port}\r\n".encode() in server.received


def test_the_next_address_is_tried_when_one_refuses() -> None:
    with Server(replying(answer(b"second"))) as server:
        transport = Transport(LOOSE, deadline=60, answer_limit=1000, resolve=lambda host, port: ["::1", "127.0.0.2", "127.0.0.1"])
        assert transport.exchange(WireRequest("GET", f"http://localhost:{server.port}/", ())).body == b"second"
        transport.close()


def test_the_system_resolver_knows_this_machine() -> None:
    with Server(replying(answer(b"found"))) as server:
        transport = Transport(LOOSE, deadline=60, answer_limit=1000)
        assert transport.exchange(WireRequest("GET", f"http://localhost:{server.port}/", ())).body == b"found"
        transport.close()
    assert socket.getaddrinfo("localhost", 80)
