"""The texts of our mails in the three languages; `{name}`, `{organization}`, `{link}` and `{hours}` are filled in."""

from collections.abc import Mapping

import msgspec

from hub.core.i18n import DEFAULT


class Letter(msgspec.Struct, frozen=True):
    subject: str
    body: str


def letter(kind: str, locale: str) -> Letter:
    texts = _LETTERS[kind]
    return texts.get(locale) or texts[DEFAULT]


_LETTERS: Mapping[str, Mapping[str, Letter]] = {
    "password_reset": {
        "en": Letter("Set a new password for {organization}", """Hello {name},

somebody asked for a new password for your account at {organization}. To set one, open this link:

{link}

It works once and for {hours} hour. If it was not you, there is nothing to do: your password stays as it is.
"""),
        "pt-BR": Letter("Defina uma nova senha para {organization}", """Olá, {name},

alguém pediu uma nova senha para a sua conta em {organization}. Para defini-la, abra este link:

{link}

Ele funciona uma única vez e por {hours} hora. Se não foi você, não é preciso fazer nada: sua senha continua a mesma.
"""),
        "es": Letter("Define una nueva contraseña para {organization}", """Hola, {name}:

alguien pidió una nueva contraseña para tu cuenta en {organization}. Para definirla, abre este enlace:

{link}

Funciona una sola vez y durante {hours} hora. Si no fuiste tú, no hace falta hacer nada: tu contraseña sigue igual.
"""),
    },
    "invitation": {
        "en": Letter("You have been added to {organization}", """Hello {name},

an account at {organization} was made for you. To choose your password, open this link:

{link}

It works once and for {hours} hours.
"""),
        "pt-BR": Letter("Você foi adicionado a {organization}", """Olá, {name},

uma conta em {organization} foi criada para você. Para escolher sua senha, abra este link:

{link}

Ele funciona uma única vez e por {hours} horas.
"""),
        "es": Letter("Te han añadido a {organization}", """Hola, {name}:

se creó una cuenta en {organization} para ti. Para elegir tu contraseña, abre este enlace:

{link}

Funciona una sola vez y durante {hours} horas.
"""),
    },
}
