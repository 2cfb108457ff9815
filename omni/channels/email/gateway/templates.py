"""Templates of answers, filled by Jinja's sandbox.

Who writes a template is trusted with its words, not with the machine: no attribute that begins with
an underscore, no function but the filters, no arithmetic (a product of a string would fill the
memory), and an end to the length.
"""

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from omni.core.errors import Invalid

MOST_CHARS = 20_000


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "**", "%"])

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError("templates do not calculate")

    def is_safe_callable(self, obj: Any) -> bool:
        return False


class JinjaTemplates:
    """`omni.channels.email.ports.Templates`."""

    def __init__(self) -> None:
        self._sandbox = _Sandbox(undefined=StrictUndefined, autoescape=False)
        self._sandbox.globals.clear()
        for name in ("format", "center", "indent", "wordwrap", "random", "attr", "map"):
            self._sandbox.filters.pop(name, None)  # they make much of little, or reach further

    def fill(self, text: str, values: Mapping[str, str]) -> str:
        try:
            filled = self._sandbox.from_string(text).render(values)
        except TemplateSyntaxError as fault:
            raise Invalid("answer.template", "the template is wrong", line=fault.lineno) from fault
        except (TemplateError, TypeError, ValueError, ArithmeticError) as fault:
            raise Invalid("answer.template", "the template is wrong", line=0) from fault
        if len(filled) > MOST_CHARS:
            raise Invalid("answer.too_long", "the answer is too long", limit=MOST_CHARS)
        return filled.strip()
