"""Names of things, as types of their own, so that two of them cannot be swapped.

All are opaque text: 26 lower-case characters that sort by time of making (`omni.app.identity`).
"""

from typing import NewType

UserId = NewType("UserId", str)
AgentId = NewType("AgentId", str)  # an agent is a user who takes work: the same text as its UserId
GroupId = NewType("GroupId", str)
QueueId = NewType("QueueId", str)
EntryPointId = NewType("EntryPointId", str)
InteractionId = NewType("InteractionId", str)
CustomerId = NewType("CustomerId", str)
TicketId = NewType("TicketId", str)
CampaignId = NewType("CampaignId", str)
ContactId = NewType("ContactId", str)
AttemptId = NewType("AttemptId", str)
TrunkId = NewType("TrunkId", str)
CallId = NewType("CallId", str)
RecordingId = NewType("RecordingId", str)
MailboxId = NewType("MailboxId", str)
MailId = NewType("MailId", str)
CalendarId = NewType("CalendarId", str)
AnnouncementId = NewType("AnnouncementId", str)
AnswerId = NewType("AnswerId", str)
VisitorId = NewType("VisitorId", str)
