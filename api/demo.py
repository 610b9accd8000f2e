"""What the demo organization has: people, departments, texts and conversations that are plainly a demo."""

from typing import Any

import msgspec

from hub.conversations.canned import CannedDraft
from hub.core.access import Role
from hub.crm.fields import FieldDraft

SLUG = "demo"
NAME = "Demo Shop"
PHONE_NUMBER_ID = "100000000000001"
WABA_ID = "200000000000001"
DISPLAY_NUMBER = "15550100001"

PEOPLE = {  # key → (name, address, role)
    "owner": ("Demo Owner", "owner@demo.example", Role.OWNER),
    "manager": ("Demo Manager", "manager@demo.example", Role.MANAGER),
    "one": ("Demo Agent One", "agent1@demo.example", Role.AGENT),
    "two": ("Demo Agent Two", "agent2@demo.example", Role.AGENT),
    "viewer": ("Demo Viewer", "viewer@demo.example", Role.VIEWER),
}
DEPARTMENTS = {"Sales": ("one", "manager"), "Support": ("one", "two"), "Billing": ("two", "manager")}
TAGS = {"order": "#2563eb", "sales": "#15803d", "billing": "#b45309", "urgent": "#b91c1c"}
FIELDS = (
    FieldDraft(entity="contact", key="customer_number", label="Customer number", type="text"),
    FieldDraft(entity="contact", key="plan", label="Plan", type="choice", choices=["Basic", "Plus"], position=1),
    FieldDraft(entity="contact", key="newsletter", label="Newsletter", type="boolean", position=2),
    FieldDraft(entity="conversation", key="order_number", label="Order number", type="text"),
    FieldDraft(entity="conversation", key="refund", label="Refund", type="number", position=1),
)
CANNED = (
    CannedDraft(shortcut="hello", title="Greeting", scope="organization",
                body="Hello {{contact.first_name}}, this is {{agent.first_name}} from {{organization.name}}. "
                     "How can I help?"),
    CannedDraft(shortcut="delivery", title="How long delivery takes", scope="organization",
                body="Orders leave our warehouse within one working day and arrive two to three days later."),
    CannedDraft(shortcut="thanks", title="Goodbye", scope="organization",
                body="Thank you for writing to us, {{contact.first_name}}. Have a good day!"),
    CannedDraft(shortcut="back", title="I will be back", scope="personal",
                body="Let me look that up, I will be back in a few minutes."),
)
VIEWS: tuple[tuple[str, dict[str, Any], bool], ...] = (  # name, filters (tags and departments by name), shared
    ("Waiting for us", {"waiting": True, "sort": "waiting"}, True),
    ("Orders", {"tag": "order"}, True),
    ("My billing", {"view": "mine", "department": "Billing"}, False),
)
_DAY = [("08:00", "20:00")]
WIDGET: dict[str, Any] = {
    "greeting": "Hello! Ask us anything about the demo shop.", "reply_time": "minutes", "share_page": "ask",
    "pre_chat": {"ask_name": True, "ask_email": True, "required": False},
    "hours": {"days": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat"), _DAY)},
}


class Said(msgspec.Struct, frozen=True):
    """Words of so many minutes ago. `who` is customer or one of the people; a note may call somebody in."""

    minutes: int
    who: str
    text: str
    note: bool = False
    calls: str = ""


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A demo customer, what was said, and how things stand. A customer without `wa_id` is a visitor of the website.

    `scheduled` is an answer for later: in how many hours, by whom, what.
    """

    wa_id: str = ""
    name: str
    said: tuple[Said, ...]
    tags: tuple[str, ...] = ()
    department: str = ""
    assigned: tuple[str, str] | None = None  # by whom, to whom
    closed: str = ""
    snoozed_hours: int = 0
    scheduled: tuple[int, str, str] | None = None
    contact_fields: dict[str, Any] = {}
    fields: dict[str, Any] = {}


TALKS = (  # the simulator's phone knows the same customers
    Talk(
        wa_id="12025550105", name="Emma (demo)", tags=("order",), department="Support",
        contact_fields={"customer_number": "D-1001", "plan": "Plus", "newsletter": True},
        fields={"order_number": "10023"}, said=(
            Said(26, "customer", "Hi! I ordered the blue lamp on Monday and it still says “preparing”."),
            Said(24, "one", "Good morning! Let me look that up for you."),
            Said(23, "one", "The warehouse says it leaves today. Can we send it to another address?", note=True,
                 calls="owner"),
            Said(22, "one", "It leaves our warehouse today and should be with you by Thursday."),
            Said(3, "customer", "Great, thank you. Can I still change the address?"),
        ),
    ),
    Talk(
        wa_id="5511900000001", name="Ana (demo)", tags=("sales",), department="Sales", said=(
            Said(7, "customer", "Olá, vocês entregam em Campinas?"),
            Said(6, "customer", "E qual o prazo?"),
        ),
    ),
    Talk(
        wa_id="5215500000003", name="Carla (demo)", tags=("billing", "urgent"), department="Billing",
        assigned=("manager", "owner"), contact_fields={"customer_number": "D-1003", "plan": "Basic"}, said=(
            Said(14, "customer", "Buenas tardes, necesito la factura de octubre, por favor."),
            Said(12, "customer", "Es para hoy, si es posible."),
        ),
    ),
    Talk(
        wa_id="34600000004", name="Diego (demo)", tags=("sales",), closed="solved", said=(
            Said(190, "customer", "¿Lo tienen en verde?"),
            Said(188, "one", "¡Sí! ¿Le apartamos uno?"),
            Said(180, "customer", "Sí, por favor. Paso el sábado."),
            Said(179, "one", "Listo. ¡Hasta el sábado!"),
        ),
    ),
    Talk(
        wa_id="5521900000002", name="Bruno (demo)", said=(Said(1, "customer", "Tem alguém aí?"),),
    ),
    Talk(
        wa_id="12025550106", name="Farid (demo)", tags=("order",), department="Support", snoozed_hours=18,
        fields={"order_number": "10031", "refund": 12.5}, said=(
            Said(95, "customer", "The chair came with a scratch. Can I keep it at a discount?"),
            Said(90, "two", "I am sorry about that! I will ask and be back tomorrow morning."),
            Said(89, "two", "Manager has to approve 10 %.", note=True, calls="manager"),
        ),
    ),
    Talk(
        wa_id="12025550107", name="Grace (demo)", department="Sales",
        scheduled=(20, "owner", "Good morning Grace, the linen curtain is back in stock."), said=(
            Said(300, "customer", "Will you have the linen curtain again?"),
            Said(290, "owner", "Tomorrow, most likely. I will write to you!"),
        ),
    ),
    Talk(
        wa_id="12025550108", name="Hugo (demo)", tags=("billing",), department="Billing", closed="refunded",
        fields={"refund": 39.9}, said=(
            Said(1500, "customer", "I was charged twice for one mug."),
            Said(1490, "two", "You are right. I have sent the second payment back."),
        ),
    ),
    Talk(
        name="Irene (demo)", department="Sales", said=(
            Said(9, "customer", "Hello, do you have this lamp in white?"),
            Said(8, "two", "Hello Irene! Yes, and it can be with you on Friday."),
            Said(2, "customer", "Perfect, I will take two."),
        ),
    ),
)
