"""Demo customers and the templates that every business account starts with."""

import secrets
from typing import Any

from providers.simulator.templates import Template, Templates
from providers.simulator.world import World

CUSTOMERS = (
    ("5511900000001", "Ana (demo)"),
    ("5521900000002", "Bruno (demo)"),
    ("5215500000003", "Carla (demo)"),
    ("34600000004", "Diego (demo)"),
    ("12025550105", "Emma (demo)"),
)

_ORDER = {
    "en_US": ("Hello {{1}}, your order {{2}} is on its way.", "Where is it?", "Thank you"),
    "pt_BR": ("Olá {{1}}, seu pedido {{2}} está a caminho.", "Onde está?", "Obrigado"),
    "es": ("Hola {{1}}, tu pedido {{2}} va en camino.", "¿Dónde está?", "Gracias"),
}
_REMINDER = {
    "en_US": "Hello {{first_name}}, we expect you on {{day}}.",
    "pt_BR": "Olá {{first_name}}, esperamos você em {{day}}.",
    "es": "Hola {{first_name}}, te esperamos el {{day}}.",
}


def seed_customers(world: World) -> None:
    """The demo customers, where they are not there yet."""
    for wa_id, name in CUSTOMERS:
        world.phone(wa_id, name=name, demo=True)


def seed_templates(templates: Templates, waba_id: str) -> None:
    """The first templates of a business account that has none."""
    if templates.of(waba_id):
        return
    hello = [{"type": "BODY", "text": "Welcome! This is a demo template."}, {"type": "FOOTER", "text": "Demo"}]
    _put(templates, waba_id, "hello_world", "en_US", hello)
    for language, (text, *buttons) in _ORDER.items():
        quick = [{"type": "QUICK_REPLY", "text": button} for button in buttons]
        parts: list[dict[str, Any]] = [{"type": "BODY", "text": text}, {"type": "BUTTONS", "buttons": quick}]
        _put(templates, waba_id, "order_update", language, parts)
    for language, text in _REMINDER.items():
        body = [{"type": "BODY", "text": text}]
        _put(templates, waba_id, "appointment_reminder", language, body, parameter_format="NAMED")


def _put(
    templates: Templates,
    waba_id: str,
    name: str,
    language: str,
    components: list[dict[str, Any]],
    *,
    parameter_format: str = "POSITIONAL",
) -> None:
    templates.put(
        Template(
            id=str(secrets.randbelow(9 * 10**14) + 10**14),
            waba_id=waba_id,
            name=name,
            language=language,
            category="UTILITY",
            components=components,
            parameter_format=parameter_format,
        )
    )
