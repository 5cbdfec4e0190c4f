"""What `doctor --online` asks: this server's own public address, and the platforms whether they know the bot."""

from __future__ import annotations

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientError,
    ClientSession,
    ClientTimeout,
)
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.settings import Settings
from bot.slack.manifest import scopes
from bot.teams.tokens import AppToken, TokenError
from commands.findings import Finding, State

_PATIENCE = ClientTimeout(total=10)


async def of_online(settings: Settings) -> list[Finding]:
    """All that the settings make it possible to ask."""
    findings = []
    async with ClientSession(timeout=_PATIENCE) as session:
        if settings.public_url:
            findings.append(await _of_address(session, settings.public_url))
        if settings.app_id and settings.app_password and settings.app_tenant:
            findings.append(await _of_teams(session, settings))
        if settings.slack_bot_token:
            findings.append(await _of_slack(session, settings))
    return findings or [(State.NOTE, "online: nothing is set that could be asked", "")]


async def _of_address(session: ClientSession, public_url: str) -> Finding:
    address = f"{public_url}/healthz"
    try:
        async with session.get(address, allow_redirects=False) as response:
            text = (await response.content.read(100)).decode("ascii", "replace").strip()
            if (response.status, text) == (200, "ok"):
                return State.OK, f"online: {address} answers", ""
            reason = f"answers {response.status}" if response.status != 200 else "is not answered by Digivinkki"
            mend = "the proxy must pass everything on to Digivinkki, and Digivinkki must run: docs/server.md"
    except ClientConnectorDNSError:
        reason, mend = "has no such name in the DNS", "ask for the name where your DNS is kept"
    except ClientConnectorCertificateError:
        reason, mend = "has a certificate that nobody trusts", "Teams wants one of a public authority: docs/server.md"
    except (ClientError, TimeoutError, OSError):
        reason = "does not answer from here"
        mend = "look from another network too: some firewalls do not let a server call itself by its public name"
    return State.WRONG, f"online: {address} {reason}", mend


async def _of_teams(session: ClientSession, settings: Settings) -> Finding:
    token = AppToken(session, settings.app_id, settings.app_password, settings.app_tenant, settings.login_url)
    try:
        await token.get()
    except TokenError as error:
        mend = "check MicrosoftAppId, MicrosoftAppTenantId and MicrosoftAppPassword; a secret may have expired"
        if isinstance(error.__cause__, (ClientError, OSError)):
            mend = f"is the internet open to {settings.login_url}?"
        return State.WRONG, f"online: Microsoft gives no token: {error}", mend
    return State.OK, "online: Microsoft knows the app and its password", ""


async def _of_slack(session: ClientSession, settings: Settings) -> Finding:
    client = AsyncWebClient(settings.slack_bot_token, base_url=settings.slack_api_url, session=session)
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        mend = "copy the Bot User OAuth Token again; install the app again where it was removed"
        return State.WRONG, f"online: Slack refuses the bot token: {error.response.get('error')}", mend
    except (ClientError, TimeoutError, OSError) as error:
        mend = f"is the internet open to {settings.slack_api_url}?"
        return State.WRONG, f"online: Slack cannot be reached ({type(error).__name__})", mend
    if lacking := _lacking(answer):
        mend = "paste the manifest again (App Manifest), then install the app again (Install App)"
        return State.WRONG, f"online: Slack has not granted {', '.join(lacking)}", mend
    return State.OK, f"online: Slack knows the bot as {answer.get('user')} in {answer.get('team')}", ""


def _lacking(answer: AsyncSlackResponse) -> list[str]:
    """The scopes that the bot needs and was not granted; Slack tells what it granted in a header."""
    granted = next((value for name, value in answer.headers.items() if name.lower() == "x-oauth-scopes"), None)
    if granted is None:
        return []
    return sorted(set(scopes()) - {scope.strip() for scope in str(granted).split(",")})
