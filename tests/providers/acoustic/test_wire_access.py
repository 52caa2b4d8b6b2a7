"""The vendor's rules about tokens and about requests at once, proven on the wire against the sandbox."""

from __future__ import annotations

import json
import threading
from contextlib import suppress

import pytest

from providers.auth import MemoryTokenStore, authorization
from providers.errors import AccessRefused, LostAnswer, NotSent
from providers.http import Transport
from providers.sandbox.faults import Fault, Kind
from providers.types import Secrets, Signal, Verdict
from tests.providers.acoustic.samples import MESSAGE
from tests.providers.lines import Line
from tests.providers.sandbox.calling import until

HOURS = 3600


def later(line: Line, seconds: float) -> None:
    """Move the vendor's clock forward."""
    line.box.world.change("sandbox", "clock_shift", line.box.world.setting("sandbox", "clock_shift", 0) + seconds)


class TestTokens:
    """The vendor's OAuth pages: a token lives four hours; within three, asking again gives the same."""

    def ask(self, line: Line) -> tuple[str, float]:
        request = line.provider.auth.request(line.account, line.secrets)  # type: ignore[union-attr]
        said = json.loads(line.transport.exchange(request).body)
        assert said["token_type"] == "bearer"
        assert isinstance(said["expires_in"], int)
        return said["access_token"], said["expires_in"]

    def test_the_same_token_within_three_hours_and_a_new_one_after(self, line: Line) -> None:
        first, life = self.ask(line)
        later(line, 3 * HOURS - 60)
        assert self.ask(line)[0] == first
        later(line, 61)
        second, _left = self.ask(line)
        assert second != first
        assert 4 * HOURS - 60 < life <= 4 * HOURS

    def test_one_token_serves_until_3_01_hours_and_is_then_renewed(self, line: Line) -> None:
        for passed, tokens in [(0, 1), (2 * HOURS, 1), (HOURS + 30, 1), (40, 2), (3 * HOURS, 2)]:
            later(line, passed)
            assert line.outcome(line.command("send", {"message": MESSAGE, "message_name": f"after {passed}"})).verdict == Verdict.ACCEPTED
            assert len(line.box.requests("acoustic", "/oauth/token")) == tokens

    def test_an_expired_token_is_refused(self, line: Line) -> None:
        self.read_list(line)
        (stale,) = [line.store.read()]
        assert stale is not None
        later(line, 4 * HOURS)
        answer = line.transport.exchange(line.probe.request(line.account), authorization=f"Bearer {stale.value}")
        assert answer.status == 401

    def test_a_refused_token_that_is_young_is_not_replaced(self, line: Line) -> None:
        """A 401 before three hours must not ask for another token."""
        self.read_list(line)
        held = line.store.read()
        assert held is not None
        with pytest.raises(AccessRefused):
            authorization(
                line.provider,
                line.account,
                line.secrets,
                line.store,
                line.transport,
                now=line.box.world.now(),
                refused=f"Bearer {held.value}",
            )
        assert len(line.box.requests("acoustic", "/oauth/token")) == 1

    @pytest.mark.parametrize("name", ["client_id", "client_secret", "refresh_token"])
    def test_wrong_credentials_are_refused(self, line: Line, name: str) -> None:
        line.secrets = Secrets({**line.secrets.values, name: "wrong"})
        with pytest.raises(AccessRefused):
            line.send(line.command("send", {"message": MESSAGE}))
        assert line.box.ledger.effects("acoustic") == []

    def test_a_rotated_secret_ends_the_tokens_it_gave(self, line: Line) -> None:
        command = line.command("send", {"message": MESSAGE})
        self.read_list(line)
        line.box.world.change("acoustic", "client_secret", "new")
        reading = line.send(command)
        assert (reading.signal, reading.outcomes[command.key].verdict) == (Signal.TOKEN_REFUSED, Verdict.NOT_SENT)
        line.secrets = Secrets({**line.secrets.values, "client_secret": "new"})
        line.store = MemoryTokenStore()
        assert line.outcome(command).verdict == Verdict.ACCEPTED

    @pytest.mark.parametrize("body", ["json", "empty"])
    def test_without_a_token_nothing_is_done(self, line: Line, body: str) -> None:
        line.box.world.change("acoustic", "unauthorized_body", body)
        request = line.provider.build(line.account, [line.command("send", {"message": MESSAGE})])
        for header in ("", "Bearer no", "Basic eDp5"):
            answer = line.transport.exchange(request, authorization=header)
            assert answer.status == 401
            assert (answer.body == b"") is (body == "empty")
        assert line.box.ledger.effects("acoustic") == []

    def read_list(self, line: Line) -> None:
        assert line.probe.read(line.exchange(line.probe.request(line.account))).verdict == Verdict.ACCEPTED


class TestConcurrency:
    """Prerequisites: "Up to 10 concurrent requests are allowed"; the 11th is refused, never held."""

    @pytest.mark.parametrize("status", [429, 400, 503])
    def test_the_eleventh_request_is_refused_at_once(self, line: Line, status: int) -> None:
        line.box.world.change("acoustic", "concurrency_status", status)
        command = line.command("send", {"message": MESSAGE})
        line.exchange(line.probe.request(line.account))
        line.box.faults.add(Fault(Kind.HANG, vendor="acoustic", times=10))
        carriers = [line.new_transport() for _ in range(10)]
        threads = [threading.Thread(target=hang, args=(line, carrier), daemon=True) for carrier in carriers]
        for thread in threads:
            thread.start()
        until(lambda: line.box.world.in_flight("acoustic") == 10)
        reading = line.send(command)
        assert (reading.signal, reading.outcomes[command.key].code) == (Signal.THROTTLED, "acoustic.throttled")
        assert line.box.ledger.effects("acoustic") == []

    def test_at_the_limit_it_is_served(self, line: Line) -> None:
        line.box.world.change("acoustic", "concurrency", 1)
        assert line.outcome(line.command("send", {"message": MESSAGE})).verdict == Verdict.ACCEPTED


def hang(line: Line, carrier: Transport) -> None:
    """Keep one call under way until the sandbox stops."""
    with suppress(LostAnswer, NotSent):
        line.exchange(line.probe.request(line.account), carrier)
