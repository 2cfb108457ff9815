"""What is said to callers: the sounds that come with omni, and sentences made of them.

The sounds lie in `sounds/<language>/<name>.ulaw`, spoken by a synthesiser (`scripts/make-prompts`
makes them of `TEXTS`). A *medium* is what the switch plays: `prompt:<language>/<name>` for one of
these, `own:<language>/<id>` for one that somebody recorded (`announcements`), anything else as the
switch knows it; several are joined by commas.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "sounds"
NUMBERS = (*range(1, 21), 25, 30, 40, 50, 60)
_PLACE_MOST, _WAIT_MOST_MIN = 20, 60

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "welcome": "Welcome. Thank you for calling.",
        "busy": "All our agents are busy. Please hold the line.",
        "closed": "Thank you for calling. We are closed at the moment. "
        "Please call again during our opening hours.",
        "unavailable": "We are sorry. Nobody can take your call at the moment. "
        "Please try again later.",
        "callback": "To be called back without losing your place in the line, press one.",
        "promised": "Thank you. We will call you back when it is your turn. Goodbye.",
        "voicemail": "Nobody can take your call at the moment. "
        "Please leave a message after the tone, and press the hash key when you are done.",
        "saved": "Thank you. Your message has been saved. Goodbye.",
        "connecting": "Please wait while we connect you.",
        "place": "You are number",
        "in-line": "in the line.",
        "wait": "The expected wait is about",
        "minutes": "minutes.",
        "soon": "You will be answered within a minute.",
        "long": "The expected wait is more than one hour.",
    },
    "zh": {
        "welcome": "您好，感谢您的来电。",
        "busy": "坐席全忙，请您稍候。",
        "closed": "感谢您的来电，现在是非营业时间，请在营业时间内再次来电。",
        "unavailable": "非常抱歉，现在无法接听您的来电，请稍后再拨。",
        "callback": "如需保留排队位置并等待我们回电，请按一。",
        "promised": "谢谢，轮到您时我们会给您回电，再见。",
        "voicemail": "现在无法接听您的来电，请在提示音后留言，完成后请按井号键。",
        "saved": "谢谢，您的留言已保存，再见。",
        "connecting": "正在为您转接，请稍候。",
        "place": "您排在第",
        "in-line": "位。",
        "wait": "预计等候时间大约",
        "minutes": "分钟。",
        "soon": "一分钟之内将为您接通。",
        "long": "预计等候时间超过一小时。",
    },
}

BUILT_IN = ("welcome", "busy", "closed", "unavailable", "callback", "voicemail", "connecting")
"""Those that can be chosen as announcements."""


def say(languages: Iterable[str], *names: str) -> str:
    """Return the medium of these prompts, all of them in one language before the next."""
    return ",".join(f"prompt:{language}/{name}" for language in languages for name in names)


def place(languages: Iterable[str], number: int, expected_wait_s: float | None) -> str:
    """Return the medium that tells a caller the place (1 is next) and the expected wait.

    "" when there is nothing to say: far back in the line, and the wait is not known.
    """
    said = [say([language], *_sentence(number, expected_wait_s)) for language in languages]
    return ",".join(medium for medium in said if medium)


def _sentence(number: int, expected_wait_s: float | None) -> list[str]:
    names = ["place", f"{number}", "in-line"] if number <= _PLACE_MOST else []
    if expected_wait_s is None:
        return names
    minutes = -(-expected_wait_s // 60)
    if minutes <= 1:
        return [*names, "soon"]
    if minutes > _WAIT_MOST_MIN:
        return [*names, "long"]
    told = next(known for known in NUMBERS if known >= minutes)
    return [*names, "wait", f"{told}", "minutes"]


class Repertoire:
    """Which recorded announcements there are, and in which languages each.

    One is said in those of the wanted languages that it has; if it has none of them, in the first
    that it has: better a strange language than silence.
    """

    def __init__(self) -> None:
        self._own: dict[str, tuple[str, ...]] = {}

    def learn(self, name: str, languages: tuple[str, ...]) -> None:
        """Know an announcement in these languages; in none: it is there no more."""
        if languages:
            self._own[name] = languages
        else:
            self._own.pop(name, None)

    def knows(self, name: str) -> bool:
        """Tell whether it can be said."""
        return name in self._own or name in BUILT_IN

    def say(self, wanted: Sequence[str], *names: str) -> str:
        """Return the medium of these, all of them in one language before the next."""
        languages = dict.fromkeys((*wanted, *TEXTS))
        return ",".join(
            f"{'own' if name in self._own else 'prompt'}:{language}/{name}"
            for language in languages
            for name in names
            if language in self._languages(name, wanted)
        )

    def _languages(self, name: str, wanted: Sequence[str]) -> Sequence[str]:
        own = self._own.get(name)
        if own is None:
            return wanted
        return [language for language in own if language in wanted] or own[:1]
