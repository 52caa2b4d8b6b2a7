"""Which URLs may be called, and that nothing reaches any other."""

from __future__ import annotations

import pytest

from providers.errors import Cause, NotConfigured, NotSent
from providers.http import Transport
from providers.outbound import Policy
from providers.types import WireRequest
from tests.providers.servers import Server
from tests.providers.transport.policies import LOOSE, STRICT

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


@pytest.mark.parametrize("policy", [STRICT, LOOSE], ids=["strict", "loopback"])
@pytest.mark.parametrize("url", FORBIDDEN_URLS)
def test_a_forbidden_address_is_not_called(canary: Server, policy: Policy, url: str) -> None:
    asked: list[str] = []

    def to_the_canary(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    transport = Transport(policy, deadline=60, answer_limit=1000, resolve=to_the_canary)
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
    transport = Transport(STRICT, deadline=60, answer_limit=1000)
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
