"""Which addresses may be called, and that nothing reaches any other."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from providers.errors import Cause, NotConfigured, NotSent
from providers.http import Transport
from providers.outbound import Policy, is_loopback, is_public
from providers.types import WireRequest
from providers.wire import Exchange, Trouble, Wire
from tests.providers.servers import Server, answer, replying

HOSTS = ("*.api.newvoicemedia.com", "*.cc.vonage.com", "api-campaign-*.goacoustic.com", "*.ccaiplatform.com")
STRICT = Policy(HOSTS)
LOOSE = Policy(HOSTS, loopback=True)

# {port} is where the canary listens.
FORBIDDEN_URLS = [
    # schemes
    "http://emea.api.newvoicemedia.com/",
    "HTTPS://emea.api.newvoicemedia.com/",
    "ftp://emea.api.newvoicemedia.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "javascript:alert(1)",
    "data:text/plain,x",
    "ws://emea.api.newvoicemedia.com/",
    "https+unix://socket/",
    "//emea.api.newvoicemedia.com/",
    "emea.api.newvoicemedia.com",
    "https:emea.api.newvoicemedia.com",
    "https:/emea.api.newvoicemedia.com/",
    "https:///emea.api.newvoicemedia.com/",
    "https://",
    "https://?x",
    " https://emea.api.newvoicemedia.com/",
    "https://emea.api.newvoicemedia.com/ ",
    # user names and tricks with the host
    "https://emea.api.newvoicemedia.com@127.0.0.1:{port}/",
    "https://user:password@emea.api.newvoicemedia.com/",
    "https://@emea.api.newvoicemedia.com/",
    "https://emea.api.newvoicemedia.com\\@127.0.0.1:{port}/",
    "https://127.0.0.1:{port}\\@emea.api.newvoicemedia.com/",
    "https://127.0.0.1:{port}\\.api.newvoicemedia.com/",
    "https:\\\\emea.api.newvoicemedia.com/",
    "https://127.0.0.1:{port}#@emea.api.newvoicemedia.com/",
    "https://127.0.0.1:{port};emea.api.newvoicemedia.com/",
    "https://127.0.0.1:{port},emea.api.newvoicemedia.com/",
    "https://emea.api.newvoicemedia.com:443@127.0.0.1:{port}/",
    "https://127.0.0.1%2f.api.newvoicemedia.com/",
    "https://127.0.0.1%00.api.newvoicemedia.com/",
    "https://127.0.0.1\x00.api.newvoicemedia.com/",
    "https://127.0.0.1\t.api.newvoicemedia.com/",
    "https://127.0.0.1\r\nHost: x.api.newvoicemedia.com/",
    "https://emea.api.newvoicemedia.com\n/",
    "https://[emea.api.newvoicemedia.com]/",
    "https://[::1].api.newvoicemedia.com/",
    # other hosts
    "https://evil.example/",
    "https://evil.example:{port}/",
    "https://api.newvoicemedia.com/",
    "https://xapi.newvoicemedia.com/",
    "https://emea.api.newvoicemedia.com.evil.example/",
    "https://emea.api.newvoicemedia.comevil.example/",
    "https://emea-api.newvoicemedia.com/",
    "https://api-campaign-us-1.goacoustic.com.evil.example/",
    "https://localtest.me/",
    "https://localhost.evil.example/",
    "https://metadata.google.internal/",
    "https://newvoicemedia/",
    # label syntax
    "https://emea.api.newvoicemedia.com./",
    "https://.api.newvoicemedia.com/",
    "https://emea..api.newvoicemedia.com/",
    "https://-emea.api.newvoicemedia.com/",
    "https://emea-.api.newvoicemedia.com/",
    "https://e_mea.api.newvoicemedia.com/",
    "https://*.api.newvoicemedia.com/",
    "https://e!mea.api.newvoicemedia.com/",
    f"https://{'a' * 64}.api.newvoicemedia.com/",
    f"https://{'a.' * 125}api.newvoicemedia.com/",
    # letters outside ASCII
    "https://émea.api.newvoicemedia.com/",
    "https://ｅmea.api.newvoicemedia.com/",
    "https://emea。api.newvoicemedia.com/",
    "https://еmea.api.newvoicemedia.com/",
    "https://emea.api.newvoicemedia.com\u2024evil.example/",
    "https://emea.api.newvoicemedia.com\u200b/",
    "https://①②⑦.⓪.⓪.①/",
    "https://१२७.0.0.1/",
    # ports
    "https://emea.api.newvoicemedia.com:{port}/",
    "https://emea.api.newvoicemedia.com:80/",
    "https://emea.api.newvoicemedia.com:8443/",
    "https://emea.api.newvoicemedia.com:0443/",
    "https://emea.api.newvoicemedia.com:/",
    "https://emea.api.newvoicemedia.com:99999/",
    "https://emea.api.newvoicemedia.com:-443/",
    "https://emea.api.newvoicemedia.com:443:443/",
    "https://emea.api.newvoicemedia.com:４４３/",
    # numeric addresses
    "https://127.1/",
    "https://127.1:{port}/",
    "https://2130706433:{port}/",
    "https://0x7f.1:{port}/",
    "https://0x7f000001:{port}/",
    "https://0177.0.0.1:{port}/",
    "https://017700000001/",
    "https://0:{port}/",
    "https://0.0.0.0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.0.0.01:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[::]:{port}/",
    "http://[::1%25lo]:{port}/",
    "http://[fe80::1]:{port}/",
    "http://[::1:{port}/",
    "http://::1:{port}/",
    "http://localhost.:{port}/",
    "http://localhost.localdomain:{port}/",
    "http://local%68ost:{port}/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "https://127.0.0.1.api.newvoicemedia.com.0x7f/",
    # paths
    "https://emea.api.newvoicemedia.com/a/../b",
    "https://emea.api.newvoicemedia.com/a/./b",
    "https://emea.api.newvoicemedia.com/a/%2e%2E/b",
    "https://emea.api.newvoicemedia.com/..",
    "https://emea.api.newvoicemedia.com/a b",
    "https://emea.api.newvoicemedia.com/a%zzb",
    "https://emea.api.newvoicemedia.com/a|b",
    "https://emea.api.newvoicemedia.com/a<b",
    "https://emea.api.newvoicemedia.com/é",
    "https://emea.api.newvoicemedia.com/#fragment",
    "https://emea.api.newvoicemedia.com#fragment",
    "https://emea.api.newvoicemedia.com/?a=|",
    "https://emea.api.newvoicemedia.com/" + "a" * 2048,
]


def test_the_table_is_long_enough() -> None:
    assert len(set(FORBIDDEN_URLS)) == len(FORBIDDEN_URLS) >= 80


@pytest.fixture(scope="module")
def canary() -> Iterator[Server]:
    """A listener that nothing may ever reach."""
    with Server(replying(answer(b"reached"))) as server:
        yield server


@pytest.mark.parametrize("policy", [STRICT, LOOSE], ids=["strict", "loopback"])
@pytest.mark.parametrize("url", FORBIDDEN_URLS)
def test_a_forbidden_address_is_not_called(canary: Server, policy: Policy, url: str) -> None:
    asked: list[str] = []

    def to_the_canary(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    transport = Transport(policy, deadline=5, answer_limit=1000, resolve=to_the_canary)
    with pytest.raises(NotSent) as caught:
        transport.exchange(WireRequest("POST", url.replace("{port}", str(canary.port)), (), b"{}"), authorization="Bearer secret")
    assert caught.value.cause == Cause.FORBIDDEN_ADDRESS
    assert str(caught.value).startswith("The ")
    assert str(caught.value).endswith(".")
    assert (asked, canary.connections) == ([], 0)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/", "https://127.0.0.1:{port}/"]
)
def test_this_machine_is_forbidden_without_the_switch(canary: Server, url: str) -> None:
    transport = Transport(STRICT, deadline=5, answer_limit=1000)
    with pytest.raises(NotSent) as caught:
        transport.exchange(WireRequest("GET", url.replace("{port}", str(canary.port)), ()))
    assert caught.value.cause == Cause.FORBIDDEN_ADDRESS
    assert canary.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://emea.api.newvoicemedia.com",
        "https://emea.api.newvoicemedia.com/",
        "https://EMEA.api.NewVoiceMedia.com:443/Auth/connect/token",
        "https://api-campaign-us-1.goacoustic.com/rest/channels",
        "https://customer.uc1.ccaiplatform.com/apps/api/v1/sms",
        "https://xn--9ca.api.newvoicemedia.com/",
        "https://emea.api.newvoicemedia.com/a%20b/~c/d:e@f;g=1,2/...",
        "https://0.api.newvoicemedia.com/",
    ],
)
def test_a_permitted_address(url: str) -> None:
    STRICT.check(url)
    LOOSE.check(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/vonage", "http://localhost:1/", "http://[::1]:65535/", "http://127.9.8.7/", "https://localhost:8443/"]
)
def test_this_machine_is_permitted_with_the_switch(url: str) -> None:
    LOOSE.check(url)


def test_a_missing_address_is_a_matter_of_configuration() -> None:
    with pytest.raises(NotConfigured, match="missing"):
        STRICT.check("")


def test_only_a_request_may_have_a_query() -> None:
    STRICT.check("https://x.ccaiplatform.com/manager/api/v1/chats?per=1&page=a%20b", query=True)
    with pytest.raises(NotSent, match="query"):
        STRICT.check("https://x.ccaiplatform.com/manager/api/v1/chats?per=1")


def test_the_refusal_names_what_is_allowed() -> None:
    with pytest.raises(NotSent, match=r"evil\.example is not one that may be called\. Allowed: \*\.api\.newvoicemedia\.com, "):
        STRICT.check("https://evil.example/")
    with pytest.raises(NotSent, match=r"Allowed: none\."):
        Policy(()).check("https://evil.example/")


# --- where names lead --------------------------------------------------------------------------------

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
    wire.exchange = Exchange(place=host, allowed=5)
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
        transport = Transport(LOOSE, deadline=5, answer_limit=1000, resolve=rebinding)
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
        transport = Transport(LOOSE, deadline=5, answer_limit=1000, resolve=lambda host, port: ["127.0.0.2"])
        assert transport.exchange(WireRequest("GET", f"http://localhost:{server.port}/", ())).body == b"vetted"
        transport.close()
        assert f"Host: localhost:{server.port}\r\n".encode() in server.received


def test_the_next_address_is_tried_when_one_refuses() -> None:
    with Server(replying(answer(b"second"))) as server:
        transport = Transport(LOOSE, deadline=5, answer_limit=1000, resolve=lambda host, port: ["::1", "127.0.0.2", "127.0.0.1"])
        assert transport.exchange(WireRequest("GET", f"http://localhost:{server.port}/", ())).body == b"second"
        transport.close()


def test_the_system_resolver_knows_this_machine() -> None:
    with Server(replying(answer(b"found"))) as server:
        transport = Transport(LOOSE, deadline=5, answer_limit=1000)
        assert transport.exchange(WireRequest("GET", f"http://localhost:{server.port}/", ())).body == b"found"
        transport.close()
    assert socket.getaddrinfo("localhost", 80)
