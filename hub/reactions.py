"""What follows from what: one line for each consequence of an event, and one for each kind of work to do later."""

from collections.abc import Mapping

from hub.accounts import mail
from hub.conversations import (
    delivery,
    inbound,
    media,
    mentions,
    notifying,
    posting,
    renaming,
    revisions,
    snoozing,
    transcripts,
)
from hub.conversations import fields as conversation_fields
from hub.core.bus import Reactions
from hub.core.outbox import Handler
from hub.crm import fields as crm_fields
from hub.events import (
    ContactChanged,
    ConversationAssigned,
    ConversationReopened,
    CustomFieldChanged,
    MessageDeleted,
    MessageReceived,
    MessageSent,
    ScheduledMessageFailed,
)

REACTIONS = Reactions(
    same={
        ContactChanged: (renaming.tell,),
        ConversationAssigned: (notifying.of_assignment,),
        ConversationReopened: (notifying.of_reopening,),
        CustomFieldChanged: (crm_fields.forget, conversation_fields.forget),
        MessageDeleted: (mentions.withdraw,),
        MessageReceived: (notifying.of_message,),
        MessageSent: (mentions.keep, notifying.of_mentions),
        ScheduledMessageFailed: (notifying.of_unsent,),
    },
    later={},
    grouped={
        notifying.of_message: notifying.of_messages,
        mentions.keep: notifying.of_no_mentions,
        notifying.of_mentions: notifying.of_no_mentions,
    },
)

JOBS: Mapping[str, Handler] = {
    "intake": inbound.process,
    "deliver": delivery.deliver,
    "mark_read": delivery.mark_read,
    "fetch_media": media.fetch,
    "resume": snoozing.come_due,
    "revise": revisions.look_again,
    "send_scheduled": posting.come_due,
    "send_mail": mail.send,
    "mail_transcript": transcripts.send,
}
