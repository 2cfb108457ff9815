"""What a telephone network answers to SIP requests: the called side of RFC 3261, as values.

`Callee` is told what came and when, and says what to send and when to be asked again; it opens no
socket and reads no clock. It takes INVITE (rings, then answers), ACK, CANCEL, BYE, OPTIONS, and
asks for a password if it has one (digest, RFC 3261 §22, with MD5 and qop=auth).

Left out, because nobody here asks for it: calls that the network places or ends, TCP, early media.
"""

import hashlib
import heapq
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

T1_S, T2_S = 0.5, 4.0  # RFC 3261 §17.1.1.1
FORGET_S = 64 * T1_S  # so long may a request come again
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS"
REALM = "network"
_SHORT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}
_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^",\s]+))')
_HOST = re.compile(r"^c=IN IP4 (\S+)", re.MULTILINE)
_MEDIA = re.compile(r"^m=audio (\d+) RTP/AVP ([\d ]+)\r?$", re.MULTILINE)
_REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    401: "Unauthorized",
    405: "Method Not Allowed",
    481: "Call/Transaction Does Not Exist",
    487: "Request Terminated",
    488: "Not Acceptable Here",
}
PCMU = "0"

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came. `vias` is what every answer repeats."""

    method: str
    uri: str
    vias: tuple[str, ...]
    headers: Mapping[str, str]
    body: str

    @property
    def call_id(self) -> str:
        """Return the dialog's name, as far as we need one."""
        return self.headers["call-id"]

    @property
    def number(self) -> str:
        """Return who is called."""
        return self.uri.partition(":")[2].partition("@")[0]


def parse(text: str) -> Request | None:
    """Return the request in a datagram; None: it is none, or lacks what each must have."""
    head, _, body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or words[2] != "SIP/2.0":
        return None
    vias, headers = [], {}
    for line in lines:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        name = _SHORT.get(name, name)
        if name == "via":
            vias.append(value.strip())
        else:
            headers[name] = value.strip()
    if not vias or not {"from", "to", "call-id", "cseq"} <= headers.keys():
        return None
    return Request(words[0], words[1], tuple(vias), headers, body)


@dataclass(frozen=True, slots=True)
class Habits:
    """How the network behaves.

    Who is called rings for `ring_s`; a telephone whose name begins with `prompt` answers at once.
    `media_port` is where all of them hear. With a `secret` whoever calls people is asked for it.
    """

    host: str
    sip_port: int
    media_port: int
    ring_s: float
    prompt: str = "robot"
    user: str = ""
    secret: str = ""


@dataclass(slots=True)
class _Line:
    """One call. `final` is what is said again until its ACK comes."""

    invite: Request
    place: Place
    last: str = ""
    final: str = ""
    again_s: float = T1_S
    given_up_s: float = 0.0
    answered: bool = False
    over: bool = False


@dataclass(slots=True)
class Callee:
    """See the module."""

    habits: Habits
    up: dict[str, Place] = field(default_factory=dict)  # by call: where its other side listens
    _lines: dict[str, _Line] = field(default_factory=dict)
    _due: list[tuple[float, int, _Line]] = field(default_factory=list)
    _count: Iterator[int] = field(default_factory=itertools.count)

    def heard(self, request: Request, place: Place, now_s: float) -> Iterator[tuple[str, Place]]:
        """Yield what to send now that this came."""
        line = self._lines.get(request.call_id)
        match request.method:
            case "INVITE":
                yield from self._invited(request, line, place, now_s)
            case "ACK":
                if line is not None and _number(request) == _number(line.invite):
                    line.final = ""
            case "CANCEL" | "BYE" if line is not None:
                yield self._answer(request, 200), place
                yield from self._ended(line, request.method, now_s)
            case "CANCEL" | "BYE":
                yield self._answer(request, 481), place
            case "OPTIONS":
                yield self._answer(request, 200), place
            case _:
                yield self._answer(request, 405), place

    def next_s(self) -> float | None:
        """Return when `passed` has something to do, None: never."""
        return self._due[0][0] if self._due else None

    def passed(self, now_s: float) -> Iterator[tuple[str, Place]]:
        """Yield what to send because time has passed."""
        while self._due and self._due[0][0] <= now_s:
            line = heapq.heappop(self._due)[2]
            if self._lines.get(line.invite.call_id) is not line:
                continue
            if line.final:
                yield from self._say_again(line, now_s)
            elif line.over:
                del self._lines[line.invite.call_id]
            elif not line.answered:
                yield from self._pick_up(line, now_s)

    def _look_again(self, line: _Line, at_s: float) -> None:
        heapq.heappush(self._due, (at_s, next(self._count), line))

    # ---- one call

    def _invited(
        self, request: Request, line: _Line | None, place: Place, now_s: float
    ) -> Iterator[tuple[str, Place]]:
        if line is not None and request.headers["cseq"] == line.invite.headers["cseq"]:
            yield line.last, place  # it came again
            return
        if line is not None and line.answered and not line.over:  # within the call
            yield self._sound(request), place
            return
        yield self._answer(request, 100), place
        refused = self._refusal(request)
        line = self._lines[request.call_id] = _Line(request, place)
        if refused:
            line.over = True
            yield from self._finish(line, self._answer(request, refused), now_s)
        elif self._is_phone(request):
            yield from self._pick_up(line, now_s)
        else:
            line.last = self._answer(request, 180)
            self._look_again(line, now_s + self.habits.ring_s)
            yield line.last, place

    def _is_phone(self, request: Request) -> bool:
        return request.number.startswith(self.habits.prompt)

    def _refusal(self, request: Request) -> int:
        locked = self.habits.secret and not self._is_phone(request)
        if locked and not self._knows_secret(request):
            return 401
        media = _MEDIA.search(request.body)
        return 0 if media and PCMU in media[2].split() else 488

    def _pick_up(self, line: _Line, now_s: float) -> Iterator[tuple[str, Place]]:
        line.answered = True
        self.up[line.invite.call_id] = _media_place(line.invite.body)
        yield from self._finish(line, self._sound(line.invite), now_s)

    def _finish(self, line: _Line, response: str, now_s: float) -> Iterator[tuple[str, Place]]:
        line.last = line.final = response
        line.given_up_s = now_s + FORGET_S
        self._look_again(line, now_s + line.again_s)
        yield response, line.place

    def _say_again(self, line: _Line, now_s: float) -> Iterator[tuple[str, Place]]:
        if now_s >= line.given_up_s:
            self.up.pop(line.invite.call_id, None)
            del self._lines[line.invite.call_id]
            return
        line.again_s = min(2 * line.again_s, T2_S)
        self._look_again(line, now_s + line.again_s)
        yield line.final, line.place

    def _ended(self, line: _Line, method: str, now_s: float) -> Iterator[tuple[str, Place]]:
        if line.over or (method == "CANCEL" and line.answered):
            return
        line.over = True
        self.up.pop(line.invite.call_id, None)
        self._look_again(line, now_s + FORGET_S)
        if method == "CANCEL":
            yield from self._finish(line, self._answer(line.invite, 487), now_s)
        else:
            line.final = ""

    # ---- texts

    def _answer(self, request: Request, status: int, body: str = "") -> str:
        headers = request.headers
        to = headers["to"]
        if status > 100 and ";tag=" not in to:
            to += f";tag={_tag(request.call_id)}"
        lines = [f"SIP/2.0 {status} {_REASONS[status]}"]
        lines += [f"Via: {via}" for via in request.vias]
        lines += [f"From: {headers['from']}", f"To: {to}", f"Call-ID: {request.call_id}"]
        lines.append(f"CSeq: {headers['cseq']}")
        if status == 401:
            challenge = f'Digest realm="{REALM}", nonce="{self._nonce(request)}", algorithm=MD5'
            lines.append(f'WWW-Authenticate: {challenge}, qop="auth"')
        if status in (180, 200):
            lines.append(f"Contact: <sip:{self.habits.host}:{self.habits.sip_port}>")
            lines.append(f"Allow: {ALLOW}")
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def _sound(self, request: Request) -> str:
        host = self.habits.host
        description = (
            f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
            f"m=audio {self.habits.media_port} RTP/AVP {PCMU}\r\na=rtpmap:{PCMU} PCMU/8000\r\n"
            "a=ptime:20\r\na=sendrecv\r\n"
        )
        return self._answer(request, 200, description)

    # ---- digest

    def _nonce(self, request: Request) -> str:
        return _md5(f"{request.call_id}:{self.habits.secret}")

    def _knows_secret(self, request: Request) -> bool:
        found = _PAIR.findall(request.headers.get("authorization", ""))
        said = {name: quoted or plain for name, quoted, plain in found}
        if said.get("nonce") != self._nonce(request) or said.get("username") != self.habits.user:
            return False
        known = _md5(f"{self.habits.user}:{REALM}:{self.habits.secret}")
        asked = _md5(f"{request.method}:{said.get('uri', '')}")
        proof = f"{said.get('nc')}:{said.get('cnonce')}:{said.get('qop')}"
        return said.get("response") == _md5(f"{known}:{said['nonce']}:{proof}:{asked}")


def _media_place(offer: str) -> Place:
    host, port = _HOST.search(offer), _MEDIA.search(offer)
    return (host[1] if host else "", int(port[1]) if port else 0)


def _number(request: Request) -> str:
    return request.headers["cseq"].partition(" ")[0]


def _tag(call_id: str) -> str:
    return _md5(call_id)[:8]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
