"""What follows from what: one line for each consequence of an event, and one for each kind of work to do later."""

from collections.abc import Mapping

from hub.accounts import mail
from hub.conversations import delivery, inbound, media, notifying, transcripts
from hub.conversations import fields as conversation_fields
from hub.core.bus import Reactions
from hub.core.outbox import Handler
from hub.crm import fields as crm_fields
from hub.events import (
    ConversationAssigned,
    ConversationReopened,
    CustomFieldChanged,
    MessageReceived,
    MessageSent,
)

REACTIONS = Reactions(
    same={
        ConversationAssigned: (notifying.of_assignment,),
        ConversationReopened: (notifying.of_reopening,),
        CustomFieldChanged: (crm_fields.forget, conversation_fields.forget),
        MessageReceived: (notifying.of_message,),
        MessageSent: (notifying.of_mentions,),
    },
    later={},
)

JOBS: Mapping[str, Handler] = {
    "intake": inbound.process,
    "deliver": delivery.deliver,
    "mark_read": delivery.mark_read,
    "fetch_media": media.fetch,
    "send_mail": mail.send,
    "mail_transcript": transcripts.send,
}
