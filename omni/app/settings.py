"""The settings: one frozen value, read once, from the environment and `omni.toml`.

Rules:
1. The environment wins over the file, the file over the defaults. The file is the one that
   `OMNI_CONFIG` names, else `omni.toml` in the working folder, else in the data folder.
2. A setting `port` is `port` in the file and `OMNI_PORT` in the environment; the five that other
   programs use too have their usual names there (`PLAIN_NAMES`).
3. All faults are reported together, each with the place it comes from.
4. What may hold a password is a `SecretStr`: never printed, never logged.
5. Nothing listens beyond loopback unless a setting says so.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from omni.app.embedded.places import default_cache, default_data
from omni.channels.email.gateway.tls import trust
from omni.core.errors import Invalid

FILE = "omni.toml"
PREFIX = "OMNI_"
PLAIN_NAMES = {
    "database_url": "DATABASE_URL",
    "redis_url": "REDIS_URL",
    "ari_url": "ARI_URL",
    "asterisk": "ASTERISK",
}
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SettingsFaulty(Invalid):
    """Some settings do not make sense; `faults` names each, with its place."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("settings.faulty", "\n".join(faults))
        self.faults = faults


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("no such time zone; expected a name such as Europe/Berlin") from None
    return name


def _address(*schemes: str) -> AfterValidator:
    """Return a check that an address has one of these schemes; the text is never repeated."""

    def check(value: SecretStr) -> SecretStr:
        try:
            scheme = urlsplit(value.get_secret_value()).scheme
        except ValueError:
            scheme = ""
        if scheme not in schemes:
            raise ValueError(f"expected an address beginning with {schemes[0]}://")
        return value

    return AfterValidator(check)


def _public(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise ValueError("expected http(s)://host[:port] without a path")
    return value.rstrip("/")


def key_list(text: str) -> list[str]:
    """Return keys that commas or line ends separate.

    Raises:
        ValueError: there is none, or one that is no key; the text is never repeated.
    """
    keys = text.replace(",", "\n").split()
    if not keys:
        raise ValueError("expected at least one key")
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ValueError("expected keys as `omni key new` prints them") from None
    return keys


def _keys(value: SecretStr) -> SecretStr:
    key_list(value.get_secret_value())
    return value


Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseModel):
    """Everything about an installation that is not data.

    Attributes:
        data: the folder of what must not be lost.
        cache: the folder of what can be fetched again (Asterisk).
        database_url, redis_url, ari_url: use these instead of the embedded parts.
        secret_key: keys that passwords are stored with, the first for new ones; else `secret.key`
            in the data folder.
        asterisk: the machine's own Asterisk program, instead of the unpacked one.
        host, port: where the web application listens; port 0 takes a free one.
        public_url: the address people use, when a proxy stands in front.
        forwarded_from: addresses of proxies whose X-Forwarded-For is believed.
        voice_host: where SIP, RTP and ARI listen.
        media_address: the address told to trunks and phones for audio, when there is NAT.
        sip_port, asterisk_http_port, rtp_first, rtp_last: Asterisk's ports; 0 takes a free one.
        time_zone: the site's: where "today" begins.
        region: two letters, the country of numbers written without one.
        mail_ca: a PEM file of certificates that mail servers are trusted by, beside the machine's.
        record_calls: whether conversations are recorded.
        recording_days, journal_days: how long recordings and events are kept; 0 is for ever.
        session_hours: how long a log-in lasts.
        log_level, log_format: what goes to standard error, and how.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(default_factory=default_data)
    cache: Path = Field(default_factory=default_cache)
    database_url: Annotated[SecretStr, _address("postgres", "postgresql")] | None = None
    redis_url: Annotated[SecretStr, _address("redis", "rediss", "unix")] | None = None
    ari_url: Annotated[SecretStr, _address("http", "https")] | None = None
    secret_key: Annotated[SecretStr, AfterValidator(_keys)] | None = None
    asterisk: Path | None = None
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: Annotated[str, AfterValidator(_public)] | None = None
    forwarded_from: tuple[str, ...] = ()
    voice_host: str = Field(default="127.0.0.1", min_length=1)
    media_address: str = ""
    sip_port: int = Field(default=0, ge=0, le=65535)
    asterisk_http_port: int = Field(default=0, ge=0, le=65535)
    rtp_first: Port = 20000
    rtp_last: Port = 23999
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    region: str = Field(default="US", pattern="^[A-Z]{2}$")
    mail_ca: Path | None = None
    record_calls: bool = True
    recording_days: int = Field(default=0, ge=0)
    journal_days: int = Field(default=0, ge=0)
    session_hours: int = Field(default=14, ge=1, le=168)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @property
    def address(self) -> str:
        """Return the address people use."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def recordings(self) -> Path:
        """Return the folder of recordings."""
        return self.data / "recordings"

    @property
    def announcements(self) -> Path:
        """Return the folder in which the switch finds recorded announcements."""
        return self.data / "announcements"

    @property
    def listens_beyond_loopback(self) -> bool:
        """Whether the web application can be reached from other machines."""
        return self.host not in LOOPBACK

    def database(self) -> str:
        """Return the database's address, which may hold a password."""
        assert self.database_url is not None, "the embedded parts run first (embedded.services)"
        return self.database_url.get_secret_value()

    def redis(self) -> str:
        """Return Redis's address, which may hold a password."""
        assert self.redis_url is not None, "the embedded parts run first (embedded.services)"
        return self.redis_url.get_secret_value()


def load(environ: Mapping[str, str], folder: Path) -> Settings:
    """Read the settings from the environment and the file that belongs to it.

    Args:
        environ: the environment.
        folder: the working folder.

    Raises:
        SettingsFaulty: with every fault found.
    """
    given: dict[str, Any] = {}
    places: dict[str, str] = {}
    for name in Settings.model_fields:
        variable = PLAIN_NAMES.get(name, PREFIX + name.upper())
        text = environ.get(variable, "")
        if text:
            given[name] = _split(text) if name == "forwarded_from" else text
            places[name] = variable
    file, faults = _find(environ, given, folder)
    if file is not None:
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            faults.append(f"{file}: {fault}")
            values = {}
        for name, value in values.items():
            if name not in given:
                given[name] = value
                places[name] = f"{name} in {file}"
    try:
        settings = Settings.model_validate(given)
    except ValidationError as invalid:
        raise SettingsFaulty([*faults, *_faults(invalid, places)]) from None
    faults += _contradictions(settings)
    if faults:
        raise SettingsFaulty(faults)
    return settings.model_copy(
        update={"data": _absolute(settings.data), "cache": _absolute(settings.cache)}
    )


def _find(
    environ: Mapping[str, str], given: Mapping[str, Any], folder: Path
) -> tuple[Path | None, list[str]]:
    """Return the file to read, if any, and the faults met."""
    named = environ.get("OMNI_CONFIG")
    if named:
        path = folder / named
        return (path, []) if path.is_file() else (None, [f"OMNI_CONFIG: {path} is not a file"])
    data = Path(given["data"]) if "data" in given else default_data()
    for path in (folder / FILE, data.expanduser() / FILE):
        if path.is_file():
            return path, []
    return None, []


def _faults(invalid: ValidationError, places: Mapping[str, str]) -> Iterator[str]:
    for error in invalid.errors(include_url=False, include_input=False, include_context=False):
        name = str(error["loc"][0]) if error["loc"] else ""
        if error["type"] == "extra_forbidden":
            yield f"{places.get(name, name)}: there is no such setting"
        else:
            yield f"{places.get(name, name)}: {error['msg'].removeprefix('Value error, ')}"


def _contradictions(settings: Settings) -> Iterator[str]:
    if settings.rtp_last - settings.rtp_first < 100:
        yield "rtp_first, rtp_last: at least 100 ports are needed, two for each call"
    if settings.asterisk is not None and not settings.asterisk.is_file():
        yield f"ASTERISK: {settings.asterisk} is not a file"
    if settings.mail_ca is not None:
        try:
            trust(settings.mail_ca)
        except OSError:  # also what is no certificate: an SSLError is an OSError
            yield f"OMNI_MAIL_CA: {settings.mail_ca} is not a readable PEM file of certificates"


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()
