"""Tokens with real signatures: every wrong one is refused with a reason, and keys and our own token live on."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from typing import Any

import jwt
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from structlog.testing import capture_logs

from bot.teams.apptoken import SCOPE, AppToken, TokenError
from bot.teams.keys import Keys, KeysUnavailableError, fetcher
from bot.teams.tokens import ISSUER, KeyServerError, RefusedTokenError, TokenVerifier

APP, SERVICE = "11111111-2222-3333-4444-555555555555", "https://smba.trafficmanager.net/emea/"
OPENID = "https://login.botframework.com/v1/.well-known/openidconfiguration"
JWKS = "https://login.botframework.com/v1/.well-known/keys"
HOUR = 3600.0


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A key of that name, made once a run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(name: str, endorsements: object = ("msteams",), **more: object) -> dict[str, Any]:
    """The key as the Connector publishes it, under its name."""
    data = json.loads(RSAAlgorithm.to_jwk(rsa_key(name).public_key()))
    return {**data, "kid": name, "use": "sig", "endorsements": endorsements, **more}


def claims(**changed: object) -> dict[str, Any]:
    """What the Connector claims; None leaves a claim out."""
    now = int(time.time())
    told = {"iss": ISSUER, "aud": APP, "nbf": now - 60, "exp": now + 3600, "serviceurl": SERVICE} | changed
    return {name: value for name, value in told.items() if value is not None}


def signed(name: str = "k1", headers: Mapping[str, object] | None = None, **changed: object) -> str:
    """A token signed with the key of that name, its `kid` the same unless told otherwise."""
    return jwt.encode(claims(**changed), rsa_key(name), algorithm="RS256", headers={"kid": name, **(headers or {})})


def part(data: object) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def with_public_key_as_secret() -> str:
    """HS256 over the published key: what a verifier falls for that believes the header."""
    pem = rsa_key("k1").public_key()
    secret = pem.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    said = f"{part({'alg': 'HS256', 'kid': 'k1', 'typ': 'JWT'})}.{part(claims())}"
    return f"{said}.{part(hmac.new(secret, said.encode(), hashlib.sha256).digest())}"


def with_other_payload() -> str:
    head, _, signature = signed().split(".")
    return f"{head}.{part(claims(serviceurl='https://evil.example/'))}.{signature}"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class KeyServer:
    """Answers as the Connector's key server does, remembers what it was asked, and breaks or waits when told to."""

    def __init__(self, *keys: Mapping[str, Any]) -> None:
        self.keys: Any = list(keys)
        self.jwks: Any = JWKS
        self.asked: list[str] = []
        self.down: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, address: str) -> Any:
        self.asked.append(address)
        await self.open.wait()
        if self.down:
            raise self.down
        return {"keys": self.keys} if address == self.jwks else {"jwks_uri": self.jwks}

    @property
    def rounds(self) -> int:
        return self.asked.count(OPENID)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> KeyServer:
    return KeyServer(public("k1"), public("directline", ["directline", "webchat"]))


@pytest.fixture
def keys(server: KeyServer, clock: Clock) -> Keys:
    return Keys(server, OPENID, clock=clock)


@pytest.fixture
def verifier(keys: Keys) -> TokenVerifier:
    return TokenVerifier(APP, keys)


@pytest.mark.parametrize(
    ("token", "service_url"),
    [
        (signed, SERVICE),
        (signed, SERVICE.rstrip("/")),
        (lambda: signed(serviceurl=SERVICE.rstrip("/")), SERVICE),
        (lambda: signed(serviceurl=None, serviceUrl=SERVICE), SERVICE),
        (lambda: signed(aud=["other", APP]), SERVICE),
        (lambda: signed(exp=int(time.time()) - 200), SERVICE),  # clocks differ
        (lambda: signed(nbf=int(time.time()) + 200), SERVICE),
        (lambda: signed(nbf=None), SERVICE),
    ],
)
async def test_a_good_token_is_accepted(verifier: TokenVerifier, token: Callable[[], str], service_url: str) -> None:
    await verifier.verify(f"Bearer {token()}", "msteams", service_url)
    await verifier.verify(f"bearer {token()}", "msteams", service_url)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (lambda: signed("forger", {"kid": "k1"}), "Signature verification failed"),
        (with_other_payload, "Signature verification failed"),
        (lambda: signed()[:-6] + "AAAAAA", "Signature verification failed"),
        (lambda: signed().rsplit(".", 1)[0] + ".", "Signature verification failed"),
        (lambda: signed("forger"), "unknown key"),
        (lambda: jwt.encode(claims(), None, algorithm="none", headers={"kid": "k1"}), "not signed with RS256"),
        (with_public_key_as_secret, "not signed with RS256"),
        (lambda: jwt.encode(claims(), rsa_key("k1"), algorithm="RS512", headers={"kid": "k1"}), "with RS256"),
        (lambda: jwt.encode(claims(), rsa_key("k1"), algorithm="RS256"), "not signed with RS256"),
        (lambda: signed(exp=int(time.time()) - 400), "expired"),
        (lambda: signed(exp=None), '"exp"'),
        (lambda: signed(exp="tomorrow"), "exp"),
        (lambda: signed(nbf=int(time.time()) + 400), "not yet valid"),
        (lambda: signed(aud="another app"), "Audience"),
        (lambda: signed(aud=None), '"aud"'),
        (lambda: signed(aud=[]), "Token"),
        (lambda: signed(aud={"a": 1}), "Invalid claim format"),
        (lambda: signed(iss="https://sts.windows.net/t1/"), "Invalid issuer"),
        (lambda: signed(iss=None), '"iss"'),
        (lambda: signed(serviceurl="https://evil.example/"), "another service URL"),
        (lambda: signed(serviceurl=f"{SERVICE}x"), "another service URL"),
        (lambda: signed(serviceurl=None), "another service URL"),
        (lambda: signed(serviceurl=""), "another service URL"),
        (lambda: signed(serviceurl=[SERVICE]), "another service URL"),
        (lambda: signed("directline"), "may not sign for this channel"),
        (lambda: "", "no bearer token"),
        (lambda: "x", "not a token"),
        (lambda: "a.b.c", "not a token"),
        (lambda: "\udcff.\udcff.\udcff", "not a token"),
        (lambda: f"{part(b'[' * 5000)}.e30.x", "not a token"),
        (lambda: f"{part([])}.e30.x", "not a token"),
        (lambda: f"{part({'alg': 'RS256', 'kid': 5})}.e30.x", "not a token"),
        (lambda: f"{part({'alg': ['RS256'], 'kid': 'k1'})}.e30.x", "not a token"),
        (lambda: f"{part({'alg': 'RS256', 'kid': 'k1'})}.e30.x", "not a token"),
    ],
)
async def test_a_bad_token_is_refused_with_a_reason(
    verifier: TokenVerifier, token: Callable[[], str], reason: str
) -> None:
    with pytest.raises(RefusedTokenError) as refused:
        await verifier.verify(f"Bearer {token()}", "msteams", SERVICE)
    assert reason in str(refused.value)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "Token x", "\udcff"])
async def test_a_header_without_a_bearer_token_is_refused(verifier: TokenVerifier, header: str | None) -> None:
    with pytest.raises(RefusedTokenError, match="no bearer token"):
        await verifier.verify(header, "msteams", SERVICE)


@pytest.mark.parametrize(("channel", "name"), [("webchat", "k1"), ("", "k1"), ("msteams", "directline")])
async def test_a_key_signs_for_its_channels_only(verifier: TokenVerifier, channel: str, name: str) -> None:
    with pytest.raises(RefusedTokenError, match="this channel"):
        await verifier.verify(f"Bearer {signed(name)}", channel, SERVICE)


async def test_garbage_of_any_kind_is_refused_and_never_an_error(server: KeyServer) -> None:
    refused: list[str] = []

    @given(
        token=st.text() | st.lists(st.binary(max_size=30), min_size=2, max_size=4).map(lambda p: ".".join(map(part, p)))
    )
    def tried(token: str) -> None:
        verifier = TokenVerifier(APP, Keys(server, OPENID))
        with pytest.raises(RefusedTokenError):
            asyncio.run(verifier.verify(f"Bearer {token}", "msteams", SERVICE))
        refused.append(token)

    await asyncio.to_thread(tried)
    assert refused


async def test_keys_are_fetched_once_for_all_who_ask_at_the_same_time(keys: Keys, server: KeyServer) -> None:
    server.open.clear()
    asking = [asyncio.create_task(keys.get("k1")) for _ in range(20)]
    await asyncio.sleep(0)
    server.open.set()
    assert all([await task for task in asking])
    assert server.asked == [OPENID, JWKS]


async def test_one_who_goes_away_does_not_end_the_fetch_for_the_others(keys: Keys, server: KeyServer) -> None:
    server.open.clear()
    first, second = asyncio.create_task(keys.get("k1")), asyncio.create_task(keys.get("k1"))
    await asyncio.sleep(0)
    first.cancel()
    server.open.set()
    assert await second
    assert server.rounds == 1


async def test_fresh_keys_are_used_as_they_are_and_older_ones_renewed_beside_the_requests(
    keys: Keys, server: KeyServer, clock: Clock
) -> None:
    await keys.get("k1")
    clock.now += 6 * HOUR - 1
    assert await keys.get("k1")
    assert server.rounds == 1
    clock.now += 2
    server.open.clear()  # it does not answer, and still nobody waits
    assert await asyncio.wait_for(keys.get("k1"), 0.05)
    server.open.set()
    await settled()
    assert server.rounds == 2
    assert await keys.get("k1")
    assert server.rounds == 2


async def test_a_slow_fetch_delays_no_request_that_is_signed_with_a_known_key(
    verifier: TokenVerifier, keys: Keys, server: KeyServer, clock: Clock
) -> None:
    await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)
    clock.now += 61
    server.open.clear()
    unknown = asyncio.create_task(keys.get("new"))
    await asyncio.sleep(0)
    started = time.perf_counter()
    for _ in range(10):
        await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)
    assert time.perf_counter() - started < 0.5
    assert not unknown.done()
    server.open.set()
    assert await unknown is None


async def test_after_a_key_change_the_new_key_is_known_at_once_and_the_old_one_no_more(
    verifier: TokenVerifier, server: KeyServer, clock: Clock
) -> None:
    await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)
    server.keys = [public("k2")]
    clock.now += 61
    await verifier.verify(f"Bearer {signed('k2')}", "msteams", SERVICE)
    assert server.rounds == 2
    with pytest.raises(RefusedTokenError, match="unknown key"):
        await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)


@pytest.mark.parametrize("down", [OSError("no route"), TimeoutError(), ValueError("no JSON")])
async def test_while_the_key_server_is_away_good_keys_go_on_for_a_day_and_no_longer(
    verifier: TokenVerifier, server: KeyServer, clock: Clock, down: Exception
) -> None:
    await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)
    server.down = down
    clock.now += 6 * HOUR  # from now on it is missed
    for _ in range(24):
        await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)
        await settled()
        clock.now += HOUR
    with pytest.raises(KeyServerError):
        await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)
    server.down = None
    clock.now += 61
    await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)


@pytest.mark.parametrize(
    "answer", [[], {}, "text", 5, None, {"a": 1}, [{"kid": "k1", "kty": "RSA", "endorsements": ["msteams"]}]]
)
async def test_an_answer_without_keys_is_an_outage_and_the_good_keys_stay(
    keys: Keys, server: KeyServer, clock: Clock, answer: object
) -> None:
    await keys.get("k1")
    server.keys = answer
    clock.now += 7 * HOUR
    await keys.get("k1")
    await settled()
    assert server.rounds == 2
    assert await keys.get("k1")


async def test_keys_of_another_make_are_passed_over(keys: Keys, server: KeyServer) -> None:
    curve = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))
    odd = [{**curve, "kid": "curve"}, {}, None, 5, public("bad", n=""), public("odd", 5), public("none", None)]
    server.keys = [*odd, public("k1")]
    found = await keys.get("k1")
    assert found
    assert found.channels == {"msteams"}
    unendorsed = await keys.get("none")
    assert unendorsed
    assert unendorsed.channels == frozenset()
    assert [await keys.get(name) for name in ("curve", "bad", "odd")] == [None, None, None]


async def test_unknown_keys_do_not_hammer_the_key_server(
    verifier: TokenVerifier, server: KeyServer, clock: Clock
) -> None:
    await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)
    for number in range(200):
        with pytest.raises(RefusedTokenError, match="unknown key"):
            await verifier.verify(f"Bearer {signed('forger', {'kid': str(number)})}", "msteams", SERVICE)
        clock.now += 0.9
    assert server.rounds <= 1 + 3


async def test_with_no_key_server_from_the_start_nobody_is_believed_and_it_is_asked_every_other_second(
    verifier: TokenVerifier, server: KeyServer, clock: Clock
) -> None:
    server.down = OSError()
    for _ in range(20):
        with pytest.raises(KeyServerError):
            await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)
        clock.now += 0.5
    assert server.rounds == 5
    server.down = None
    clock.now += 2
    await verifier.verify(f"Bearer {signed()}", "msteams", SERVICE)


@pytest.mark.parametrize(
    "jwks",
    ["http://login.botframework.com/keys", "http://127.0.0.1/keys", "file:///keys", "//keys", "https://", "", None, 5],
)
async def test_keys_are_fetched_by_https_only(server: KeyServer, clock: Clock, jwks: object) -> None:
    server.jwks = jwks
    with capture_logs() as logged, pytest.raises(KeysUnavailableError):
        await Keys(server, OPENID, clock=clock).get("k1")
    assert server.asked == [OPENID]
    assert [(entry["event"], entry["log_level"]) for entry in logged] == [("signing keys refused", "warning")]


@pytest.mark.parametrize("host", ["localhost:3979", "127.0.0.1", "[::1]:80"])
async def test_a_test_bench_on_this_computer_may_have_keys_without_https(
    server: KeyServer, clock: Clock, host: str
) -> None:
    server.jwks = f"http://{host}/keys"
    assert await Keys(server, f"http://{host}/openid", clock=clock).get("k1")


async def test_keys_that_are_refused_leave_the_good_ones_in_force(keys: Keys, server: KeyServer, clock: Clock) -> None:
    await keys.get("k1")
    server.jwks, server.keys = "http://evil.example/keys", [public("forger")]
    clock.now += 7 * HOUR
    assert await keys.get("k1")
    await settled()
    assert await keys.get("forger") is None
    assert await keys.get("k1")


async def test_no_keys_at_all_is_an_error_of_its_own(keys: Keys, server: KeyServer) -> None:
    server.down = OSError()
    with pytest.raises(KeysUnavailableError):
        await keys.get("k1")


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Login:
    """A stand-in for the login service: hands out numbered tokens, remembers the forms, fails when told to."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.status, self.expires_in = 200, 3600
        self.answer: object = None
        self.open = asyncio.Event()
        self.open.set()

    async def serve(self, request: web.Request) -> web.Response:
        self.paths.append(request.raw_path)
        self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        await self.open.wait()
        token = {"access_token": f"token {len(self.forms)}", "expires_in": self.expires_in, "token_type": "Bearer"}
        return web.json_response(token if self.answer is None else self.answer, status=self.status)


@pytest.fixture
async def login() -> Login:
    return Login()


@pytest.fixture
async def app_token(login: Login, clock: Clock) -> AsyncIterator[AppToken]:
    app = web.Application()
    app.router.add_post("/{path:.*}", login.serve)
    async with TestServer(app) as service, ClientSession() as session:
        yield AppToken(session, APP, "the secret", "kunta.fi/ä", str(service.make_url("")).rstrip("/"), clock)


async def test_the_token_is_asked_for_as_the_app_and_kept(app_token: AppToken, login: Login) -> None:
    assert [await app_token.get() for _ in range(5)] == ["token 1"] * 5
    assert login.paths == ["/kunta.fi%2F%C3%A4/oauth2/v2.0/token"]
    assert login.forms == [
        {"grant_type": "client_credentials", "client_id": APP, "client_secret": "the secret", "scope": SCOPE}
    ]


async def test_the_token_is_fetched_once_for_all_who_ask_at_the_same_time(app_token: AppToken, login: Login) -> None:
    assert await asyncio.gather(*(app_token.get() for _ in range(20))) == ["token 1"] * 20
    assert len(login.forms) == 1


async def test_the_token_is_renewed_early_and_nobody_waits_for_that(
    app_token: AppToken, login: Login, clock: Clock
) -> None:
    await app_token.get()
    clock.now += 3600 - 301
    assert await app_token.get() == "token 1"
    assert len(login.forms) == 1
    clock.now += 2
    login.open.clear()
    assert await asyncio.wait_for(app_token.get(), 0.1) == "token 1"
    login.open.set()
    assert await eventually(app_token, "token 2")
    assert len(login.forms) == 2


async def test_an_ended_token_is_never_handed_out(app_token: AppToken, login: Login, clock: Clock) -> None:
    await app_token.get()
    clock.now += 3600
    assert await app_token.get() == "token 2"


async def test_a_short_lived_token_is_not_renewed_all_the_time(app_token: AppToken, login: Login, clock: Clock) -> None:
    login.expires_in = 120
    await app_token.get()
    clock.now += 59
    assert await app_token.get() == "token 1"
    await asyncio.sleep(0.01)
    assert len(login.forms) == 1
    clock.now += 2
    await app_token.get()
    assert await eventually(app_token, "token 2")


async def test_a_token_that_the_connector_refused_is_replaced_once(app_token: AppToken, login: Login) -> None:
    refused = await app_token.get()
    app_token.forget(refused)
    assert await app_token.get() == "token 2"
    app_token.forget(refused)  # a second request that had gone with the old one
    assert await app_token.get() == "token 2"
    assert len(login.forms) == 2


async def test_while_the_login_service_is_away_a_good_token_goes_on(
    app_token: AppToken, login: Login, clock: Clock
) -> None:
    await app_token.get()
    login.status = 503
    clock.now += 3400
    for _ in range(5):
        assert await app_token.get() == "token 1"
        await asyncio.sleep(0.01)
    assert len(login.forms) == 2  # and is not asked at every message
    clock.now += 200
    with pytest.raises(TokenError, match="503"):
        await app_token.get()
    login.status = 200
    clock.now += 2
    assert (await app_token.get()).startswith("token")


@pytest.mark.parametrize(("status", "lasting"), [(401, True), (503, False)])
async def test_without_a_token_the_login_service_is_not_asked_for_every_message(
    app_token: AppToken, login: Login, clock: Clock, status: int, lasting: bool
) -> None:
    login.status = status
    for _ in range(8):
        with pytest.raises(TokenError, match=str(status)) as failed:
            await app_token.get()
        assert failed.value.lasting is lasting
        clock.now += 0.5
    assert len(login.forms) == 2
    login.status = 200
    assert await app_token.get() == "token 3"


async def test_a_token_refused_right_after_a_failure_is_replaced_at_once(
    app_token: AppToken, login: Login, clock: Clock
) -> None:
    login.status = 503
    with pytest.raises(TokenError):
        await app_token.get()
    login.status = 200
    clock.now += 2
    app_token.forget(await app_token.get())
    assert await app_token.get() == "token 3"


@pytest.mark.parametrize(
    ("status", "answer", "reason", "lasting"),
    [
        (401, {"error": "invalid_client", "error_description": "the secret is wrong"}, "401 (invalid_client)", True),
        (400, {"error": "invalid_request"}, "400 (invalid_request)", True),
        (404, "nothing here", "404 (None)", True),
        (429, {"error": "slow_down"}, "429 (slow_down)", False),
        (500, {}, "500 (None)", False),
        (200, {}, "KeyError", False),
        (200, [], "TypeError", False),
        (200, {"access_token": "x", "expires_in": "soon"}, "ValueError", False),
    ],
)
async def test_a_failure_names_its_kind_and_never_the_secret(
    app_token: AppToken, login: Login, status: int, answer: object, reason: str, lasting: bool
) -> None:
    login.status, login.answer = status, answer
    with pytest.raises(TokenError) as failed:
        await app_token.get()
    assert reason in str(failed.value)
    assert failed.value.lasting is lasting
    assert "secret" not in f"{failed.value!r} {failed.value} {failed.value.__cause__!r} {failed.value.__context__!r}"


async def test_all_who_wait_hear_of_the_failure(app_token: AppToken, login: Login) -> None:
    login.status = 401
    failures = await asyncio.gather(*(app_token.get() for _ in range(5)), return_exceptions=True)
    assert [type(failure) for failure in failures] == [TokenError] * 5
    assert len(login.forms) == 1


async def test_a_login_service_that_cannot_be_reached_is_a_token_error(clock: Clock) -> None:
    async with ClientSession() as session:
        token = AppToken(session, APP, "the secret", "t1", "http://127.0.0.1:1", clock)
        with pytest.raises(TokenError, match="cannot be reached"):
            await token.get()


async def test_keys_are_fetched_from_a_server_as_json_whatever_it_calls_them() -> None:
    async def document(request: web.Request) -> web.Response:
        return web.Response(text='{"keys": []}', content_type="text/plain")

    app = web.Application()
    app.router.add_get("/keys", document)
    async with TestServer(app) as service, ClientSession() as session:
        assert await fetcher(session)(str(service.make_url("/keys"))) == {"keys": []}
        keys = Keys(fetcher(session), str(service.make_url("/missing")))
        with pytest.raises(KeysUnavailableError):
            await keys.get("k1")


async def eventually(token: AppToken, expected: str) -> bool:
    for _ in range(100):
        if await token.get() == expected:
            return True
        await asyncio.sleep(0.005)
    return False
