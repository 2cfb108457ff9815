"""Trunks and phones as PJSIP objects, to be pushed over ARI into Asterisk's memory.

The reasons for each option stand beside it; ADR 0021 says why this is not a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from omni.channels.voice.config import AGENT_CONTEXT, TRANSPORT_UDP, TRANSPORT_WS, TRUNK_CONTEXT
from omni.channels.voice.model import PhoneKind, PhoneSpec, TrunkSpec

Fields = Mapping[str, str | int]
# Browsers stop without a word when they crash: no audio for so long ends the leg.
RTP_SILENCE_S = 20
PROBE_S = 10
PROBE = "-probe"  # what a trunk's second endpoint is called, see `watch`


@dataclass(frozen=True, slots=True)
class SipObject:
    """One object of `res_pjsip`; `fields` None means that it is to be taken away."""

    kind: str
    name: str
    fields: Fields | None

    @property
    def path(self) -> str:
        """Return its place in ARI."""
        return f"asterisk/config/dynamic/res_pjsip/{self.kind}/{self.name}"

    def body(self) -> dict[str, list[dict[str, str]]]:
        """Return the request's body."""
        fields = self.fields or {}
        return {"fields": [{"attribute": k, "value": str(v)} for k, v in fields.items()]}


_COMMON: Fields = {
    # Media must pass through us: to be recorded, held, joined.
    "direct_media": "no",
    # Else each join sends a re-INVITE, which some carriers never answer: call lost after 32 s.
    "send_connected_line": "no",
    "rtp_symmetric": "yes",
    "force_rport": "yes",
    "dtmf_mode": "rfc4733",
    "timers": "no",
    "disallow": "all",
}


def trunk_uri(trunk: TrunkSpec) -> str:
    """Return where a trunk is reached."""
    return f"sip:{trunk.host}:{trunk.port}"


def trunk_objects(trunk: TrunkSpec, media_address: str) -> list[SipObject]:
    """Return the objects of a trunk, in the order in which they must be made."""
    name = trunk.trunk_id
    kinds = ("registration", "identify", "endpoint", "aor", "auth")
    if not trunk.enabled:
        gone = [SipObject(kind, name, None) for kind in kinds]
        return [*gone[:2], SipObject("endpoint", name + PROBE, None), *gone[2:]]
    uri = trunk_uri(trunk)
    auth: Fields = {"auth_type": "userpass", "username": trunk.user, "password": trunk.secret}
    endpoint: dict[str, str | int] = {
        **_COMMON,
        "transport": TRANSPORT_UDP,
        "context": TRUNK_CONTEXT,
        "allow": ",".join(trunk.codecs),
        "aors": name,
        "trust_id_inbound": "yes",
        "send_pai": "yes",
        **_media(media_address),
    }
    if trunk.user:
        endpoint |= {"outbound_auth": name, "from_user": trunk.user}
    objects = [
        SipObject("auth", name, auth if trunk.user else None),
        SipObject("aor", name, {"contact": uri, "qualify_frequency": PROBE_S}),
        SipObject("endpoint", name + PROBE, {**_COMMON, "allow": "ulaw", "aors": name}),
        SipObject("endpoint", name, endpoint),
        SipObject(
            "identify", name, {"endpoint": name, "match": ",".join(trunk.match or (trunk.host,))}
        ),
    ]
    registration: Fields = {
        "server_uri": uri,
        "client_uri": f"sip:{trunk.user}@{trunk.host}",
        "outbound_auth": name,
        "transport": TRANSPORT_UDP,
        "retry_interval": 30,
    }
    wanted = trunk.register and trunk.user
    return [*objects, SipObject("registration", name, registration if wanted else None)]


def phone_objects(phone: PhoneSpec, secret: str, media_address: str) -> list[SipObject]:
    """Return the objects of an agent's phone; `secret` is what its browser registers with."""
    name = phone.agent_id
    endpoint: dict[str, str | int] = {**_COMMON, "context": AGENT_CONTEXT, "aors": name}
    if phone.kind is PhoneKind.SIP:
        endpoint |= {"transport": TRANSPORT_UDP, "allow": "ulaw,alaw", **_media(media_address)}
        return [
            SipObject("aor", name, {"contact": phone.contact_uri}),
            SipObject("endpoint", name, endpoint),
        ]
    endpoint |= {
        "transport": TRANSPORT_WS,
        "allow": "opus,ulaw",
        "webrtc": "yes",
        "dtls_auto_generate_cert": "yes",
        "rewrite_contact": "yes",
        "auth": name,
        "rtp_timeout": RTP_SILENCE_S,
    }
    if media_address and not media_address.startswith("127."):
        endpoint["media_address"] = media_address
    return [
        SipObject("auth", name, {"auth_type": "userpass", "username": name, "password": secret}),
        # The newest registration wins; WebSocket contacts vanish with their connection.
        SipObject("aor", name, {"max_contacts": 1, "remove_existing": "yes"}),
        SipObject("endpoint", name, endpoint),
    ]


def _media(address: str) -> Fields:
    if not address:
        return {}
    return {"media_address": address, "bind_rtp_to_media_address": "yes"}
