"""Every table of the hub, imported so that the metadata is whole."""

from hub.accounts import models as accounts
from hub.channels import models as channels
from hub.conversations import desk
from hub.conversations import models as conversations
from hub.core import bus, idempotency, installation, intake, outbox
from hub.core.tenancy import Base
from hub.crm import models as crm

METADATA = Base.metadata
__all__ = [
    "METADATA", "accounts", "bus", "channels", "conversations", "crm", "desk", "idempotency",
    "installation", "intake", "outbox",
]
