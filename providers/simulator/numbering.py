"""Phone numbers as WhatsApp ids: the forms that mean the same line, and the business-scoped user id."""

import hashlib
import re

# Calling code → ISO country, for the prefix of a user id; other numbers count as US.
COUNTRIES = {"55": "BR", "52": "MX", "54": "AR", "351": "PT", "34": "ES", "44": "GB", "49": "DE", "1": "US"}


def digits_of(number: str) -> str:
    """Only the digits."""
    return re.sub(r"\D", "", number)


def forms_of(digits: str) -> list[str]:
    """The given form first, then other ways in which the same line is written."""
    forms = [digits]
    if re.fullmatch(r"55\d{2}9\d{8}", digits):
        forms.append(digits[:4] + digits[5:])
    elif re.fullmatch(r"55\d{2}[6-9]\d{7}", digits):
        forms.append(digits[:4] + "9" + digits[4:])
    elif re.fullmatch(r"521\d{10}", digits):
        forms.append("52" + digits[3:])
    elif re.fullmatch(r"52\d{10}", digits):
        forms.append("521" + digits[2:])
    elif re.fullmatch(r"549\d{10}", digits):
        forms.append("54" + digits[3:])
    elif re.fullmatch(r"54\d{10}", digits):
        forms.append("549" + digits[2:])
    return forms


def user_id_of(wa_id: str) -> str:
    """A stable business-scoped id that does not show the number."""
    country = next((iso for code, iso in COUNTRIES.items() if wa_id.startswith(code)), "US")
    return f"{country}.{int(hashlib.sha256(wa_id.encode()).hexdigest()[:16], 16)}"
